"use strict";
(() => {
  const browser = document.querySelector(".browser");
  const entries = [...document.querySelectorAll(".browser .entry")];
  if (!browser || entries.length < 2) return;
  const texts = (entry, kind) => [...entry.querySelectorAll(kind)].map((one) => one.textContent);
  const rows = entries.map((entry, place) => ({
    entry,
    place,
    text: entry.textContent.toLowerCase(),
    q: entry.dataset.q === undefined ? Infinity : Number(entry.dataset.q),
    llr: entry.dataset.llr === undefined ? -Infinity : Number(entry.dataset.llr),
    where: texts(entry, "figcaption b").join(),
  }));
  const bar = document.createElement("div");
  bar.className = "controls";
  const labelled = (name, control) => {
    const label = document.createElement("label");
    label.append(name, control);
    bar.append(label);
    return control;
  };
  const search = labelled("Search", document.createElement("input"));
  search.type = "search";
  const chosen = [["Source", ".of-source"], ["Finding", ".of-finding"], ["Part", ".of-part"]].map(([name, kind]) => {
    const select = document.createElement("select");
    const names = [...new Set(entries.flatMap((entry) => texts(entry, kind)))].sort();
    select.append(new Option("all", ""), ...names.map((one) => new Option(one, one)));
    if (names.length > 1) labelled(name, select);
    return { select, kind };
  });
  const order = document.createElement("select");
  order.append(new Option("as listed", "place"), new Option("q, smallest first", "q"), new Option("likelihood ratio, largest first", "llr"), new Option("place in the corpus", "where"));
  labelled("Order", order);
  const told = document.createElement("p");
  told.className = "note";
  told.setAttribute("role", "status");
  const compare = {
    place: (a, b) => a.place - b.place,
    q: (a, b) => a.q - b.q || a.place - b.place,
    llr: (a, b) => b.llr - a.llr || a.place - b.place,
    where: (a, b) => a.where.localeCompare(b.where, undefined, { numeric: true }) || a.place - b.place,
  };
  const show = () => {
    const words = search.value.toLowerCase();
    let n = 0;
    for (const row of [...rows].sort(compare[order.value])) {
      const fits = row.text.includes(words) && chosen.every(({ select, kind }) => !select.value || texts(row.entry, kind).includes(select.value));
      row.entry.hidden = !fits;
      n += fits;
      browser.append(row.entry);
    }
    for (const one of browser.querySelectorAll(".rest")) one.remove();
    told.textContent = `${n} of ${rows.length} rows`;
  };
  bar.addEventListener("input", show);
  browser.before(bar, told);
})();
