"""A fixed table of common English words and what may stand in their place.

Words of one form stand for words of the same form, one for one, so that the words of a text and of
its paraphrase can be counted side by side. The table is made to reach far, not to read well: a
launderer who swaps a third of all words must also swap those that carry grammar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["ALTERNATIVES", "WORD", "alternatives"]

WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
"""A run of letters, perhaps with apostrophes inside."""

# Where a slash parts words, each may become any other; a ``>`` leads one way only.
_GRAMMAR: Final = """
and>plus is>remains are>remain in>within that>which with>alongside on>upon this>that it>this,that
as>like be>become,stay by>via,through have>possess,hold has>possesses,holds from>off had>possessed
if>when,whenever their>the more>further,greater not>never they>these,people some>several,certain
here>below we>people,everyone at>around,near will>shall,must about>regarding,concerning
also>additionally,likewise,too but>yet,though,although was>became were>became may>might,could
can>could,may could>might,may might>may,could would>should,might should>must,ought other>further
which>that so>thus,therefore,hence these>those,such those>these into>inside its>the,their there>here
any>some,whichever when>once,while,whenever all>every our>the one>somebody,a them>these
such>similar,comparable over>above,across,beyond each>every every>each his>the her>the first>initial
while>whereas,as many>numerous,several,countless than>versus most>nearly,almost however>nevertheless
before>until,prior around>about,near until>till often>frequently,regularly then>next,afterwards
just>simply,merely well>nicely,thoroughly between>among no>zero few>several,handful
during>throughout including>containing,covering without>lacking,minus after>following,past both>each
own>personal even>still per>each only>merely,solely,just another>one,some
always>constantly,forever,invariably very>extremely,really,highly still>yet once>when
now>currently,presently,today please>kindly within>inside,in because>since,as too>also,excessively
since>because,as never>hardly,rarely why>how rather>instead,somewhat across>throughout,over
therefore>thus,hence,consequently thus>hence,therefore hence>thus,therefore against>versus
further>more,additional upon>on instead>rather,alternatively although>though,while
though>although,yet throughout>across,during whether>if again>anew towards>toward toward>towards
via>through,by under>beneath,below below>beneath,underneath above>over,beyond beyond>past
behind>after inside>within,in outside>beyond near>by,around like>resembling,as through>via,by,across
back>backwards,again yet>still,though unless>except among>between,amid despite>notwithstanding
someone>somebody everyone>everybody anything>something everything>all it's>that's that's>it's
here's>there's don't>never can't>cannot cannot>can't you're>you've i'm>i've let's>let
almost>nearly,practically nearly>almost,roughly already>previously,by together>jointly,collectively
perhaps>maybe,possibly maybe>perhaps,possibly else>otherwise otherwise>else,alternatively
much>far,plenty less>fewer fewer>less least>smallest several>some,various,multiple
enough>sufficient,ample two>both
"""
_VERBS: Final = """
use/employ/utilize uses/employs/utilizes used/employed/utilized using/employing/utilizing
make/produce/build makes/produces/builds made/produced/built making/producing/building
help/assist/aid helps/assists/aids helped/assisted/aided helping/assisting/aiding need/require
needs/requires needed/required needing/requiring provide/supply/give provides/supplies/gives
provided/supplied/gave/given providing/supplying/giving work/function/operate
works/functions/operates worked/functioned/operated working/functioning/operating take/grab/accept
takes/grabs/accepts took/taken/grabbed taking/grabbing/accepting add/include/append
adds/includes/appends added/included/appended adding/appending create/generate/craft
creates/generates/crafts created/generated/crafted creating/generating/crafting
get/obtain/receive/gain gets/obtains/receives/gains got/obtained/received/gained
getting/obtaining/receiving/gaining know/understand/grasp/comprehend knows/understands/grasps
knew/understood/grasped known/recognized understanding/comprehension/insight find/discover/locate
finds/discovers/locates found/discovered/located finding/discovering/locating start/begin/commence
starts/begins/commences started/began/begun/commenced starting/beginning/commencing
keep/retain/maintain/preserve keeps/retains/maintains/preserves kept/retained/maintained/preserved
keeping/retaining/maintaining/preserving remember/recall let/permit/allow/enable
lets/permits/allows/enables allowed/permitted/enabled allowing/permitting/enabling set/place
see/observe/notice/view sees/observes/notices saw/seen/observed/noticed seeing/observing/noticing
enjoy/relish/appreciate enjoys/relishes/appreciates enjoyed/relished enjoying/relishing
ensure/guarantee/confirm ensures/guarantees/confirms ensuring/guaranteeing/confirming
try/attempt/endeavor tries/attempts tried/attempted trying/attempting improve/enhance/boost
improves/enhances/boosts improved/enhanced/boosted improving/enhancing/boosting want/wish/desire
wants/wishes/desires wanted/wished/desired feel/sense/perceive feels/senses/perceives
felt/sensed/perceived feeling/sensation consider/contemplate/ponder considered/regarded/deemed
considering/contemplating learn/study learned/studied learning/studying become/grow becomes/grows
became/grew do/perform does/performs did/performed done/performed/finished doing/performing
look/glance looks/appears looking/searching change/alter/modify changes/alterations
changed/altered/modified changing/altering/modifying reduce/decrease/lessen/lower
reduces/decreases/lessens/lowers reduced/decreased/lessened/lowered
reducing/decreasing/lessening/lowering support/back/sustain supports/backs/sustains
supported/backed/sustained supporting/backing/sustaining show/display/demonstrate/reveal
shows/displays/demonstrates/reveals showed/shown/displayed/demonstrated
showing/displaying/demonstrating/revealing manage/handle/run managing/handling/running
go/proceed/travel goes/proceeds/travels went/proceeded/gone going/proceeding share/distribute
shared/distributed sharing/distributing offer/present/propose offers/presents/proposes
offered/presented/proposed offering/presenting/proposing play/perform playing/performing
avoid/evade/sidestep avoids/evades avoiding/evading call/summon/name called/named/termed/dubbed
calling/naming develop/devise/formulate developed/devised/formulated developing/devising/formulating
write/compose/pen wrote/penned written/composed writing/composing visit/tour come/arrive
comes/arrives came/arrived coming/arriving bring/carry/deliver brings/carries/delivers
brought/carried/delivered bringing/carrying/delivering involve/entail involves/entails
involved/entailed involving/entailing choose/select/pick chooses/selects/picks
chose/chosen/selected/picked choosing/selecting/picking cause/trigger/prompt causes/triggers
caused/triggered/prompted causing/triggering increase/raise/expand increases/raises/expands
increased/raised/expanded increasing/raising/expanding follow/pursue follows/pursues
followed/pursued following/subsequent turn/rotate turned/rotated turning/rotating
continue/persist/proceed continues/persists continued/persisted continuing/persisting
prevent/avert/hinder prevents/averts prevented/averted preventing/averting mix/blend/combine
mixed/blended/combined mixing/blending/combining combines/blends hold/grip holds/grips held/gripped
holding/gripping cook/prepare cooking/preparing ask/inquire/request asked/inquired/requested
asking/inquiring identify/recognize/pinpoint identifies/recognizes/pinpoints identified/pinpointed
identifying/recognizing/pinpointing explore/investigate/examine explores/investigates/examines
explored/investigated/examined exploring/investigating/examining determine/establish/ascertain
determines/establishes/ascertains determined/established/ascertained think/believe/suppose
thinks/believes/supposes thought/believed/supposed thinking/believing/reasoning lead/guide/steer
leads/guides/steers led/guided/steered leading/guiding/steering adjust/adapt/tweak
adjusting/adapting/tweaking encourage/urge/motivate encourages/urges/motivates
encouraging/urging/motivating read/peruse reading/perusing protect/shield/safeguard protects/shields
protecting/shielding connect/link/join connected/linked/joined connecting/linking/joining
achieve/accomplish/attain achieves/accomplishes/attains achieved/accomplished/attained
achieving/accomplishing/attaining focus/concentrate focuses/concentrates focused/concentrated
focusing/concentrating say/state/mention says/states/mentions said/stated/mentioned
saying/stating/mentioning tell/inform tells/informs told/informed telling/informing return/yield
returns/yields returned/yielded returning/yielding represent/depict/portray
represents/depicts/portrays represented/depicted/portrayed describe/depict describes/outlines
described/outlined describing/outlining explain/clarify/elucidate explains/clarifies
explained/clarified explaining/clarifying discuss/debate discussing/debating check/verify/inspect
checks/verifies checking/verifying/inspecting contain/hold contains/encompasses
contained/encompassed occur/happen occurs/happens occurred/happened occurring/happening
move/shift/relocate moves/shifts moved/shifted moving/shifting live/reside/dwell
lives/resides/dwells lived/resided/dwelt living/residing/dwelling stay/linger/remain stays/lingers
remain/stay buy/purchase buying/purchasing bought/purchased sell/vend speak/talk speaking/talking
spoke/talked cut/slice/chop cutting/slicing/chopping chopped/diced/sliced stir/whisk pour/tip
serve/dish served/dished serving/portion cover/coat covered/coated covering/coating wait/pause
drop/fall apply/administer applied/administered applying/administering solve/resolve solved/resolved
solving/resolving compare/contrast compared/contrasted comparing/contrasting end/finish/conclude
ended/finished/concluded ending/conclusion stop/halt/cease stopped/halted stopping/halting
leave/depart left/departed leaving/departing lose/forfeit lost/forfeited seem/appear seems/appears
seemed/appeared reach/attain reached/attained face/confront facing/confronting meet/encounter
met/encountered answer/reply/respond answered/replied answers/replies open/unlock opened/unlocked
opening/unlocking close/shut closed/shut closing/shutting send/dispatch sent/dispatched
sending/dispatching replace/substitute replaced/substituted remove/delete/eliminate
removes/deletes/eliminates removed/deleted/eliminated removing/deleting/eliminating
calculate/compute calculates/computes calculated/computed calculating/computing engage/participate
engaging/captivating influence/affect influenced/affected influencing/affecting reflect/mirror
reflects/mirrors reflecting/mirroring promote/foster/advance promotes/fosters promoting/fostering
advancing/progressing address/tackle addresses/tackles addressing/tackling believe/think
express/convey expressed/conveyed expressing/conveying expect/anticipate expected/anticipated
celebrate/commemorate celebrated/commemorated require/demand mean/signify means/signifies
meant/signified based/grounded/rooted depending/relying depend/rely related/linked
inspired/motivated loved/adored love/adore/cherish thank/acknowledge hope/trust organize/arrange
organized/arranged transform/convert transformed/converted visited/toured died/perished born/bred
designed/conceived published/released released/issued received/obtained focused/centered
"""
_NOUNS: Final = """
time/period times/periods way/manner/method ways/manners/methods people/individuals/folks/persons
person/individual/human day/date days/dates world/globe/planet number/figure/count
numbers/figures/counts name/title names/titles life/existence experience/encounter
experiences/encounters information/details/facts data/information/records system/setup/framework
systems/setups/frameworks food/fare/nourishment foods/dishes/meals process/procedure/operation
processes/procedures/operations example/instance/illustration examples/instances/illustrations
minutes/moments content/material function/routine functions/routines project/undertaking/venture
projects/undertakings/ventures years/decades skills/abilities/talents skill/ability/talent
light/glow power/strength/force place/spot/location places/spots/locations value/worth
values/principles/ideals technology/tech technologies/tools questions/queries question/query
summary/overview/synopsis home/house/residence homes/houses energy/vigor user/person users/people
potential/possible/prospective development/growth/progress team/group/crew teams/groups/crews
step/stage/phase steps/stages/phases model/version/design models/versions/designs history/past
type/kind/sort types/kinds/sorts quality/standard/caliber qualities/traits/characteristics
business/firm/enterprise businesses/firms/enterprises body/figure factors/aspects/elements
factor/aspect/element words/terms word/term text/passage texts/passages access/entry
company/firm/corporation companies/firms/corporations city/town/metropolis cities/towns side/flank
research/investigation practice/habit practices/habits/customs service/assistance
services/facilities product/item/good products/items/goods range/span/spectrum
tools/instruments/utilities tool/instrument/utility impact/effect/influence
impacts/effects/influences area/region/zone areas/regions/zones ingredients/components/constituents
ingredient/component job/task/role jobs/tasks/roles task/assignment/duty tasks/assignments/duties
role/part/position roles/parts/positions part/portion/piece/section parts/portions/pieces/sections
events/occasions/happenings event/occasion/happening level/degree levels/degrees
things/matters/objects thing/matter/object story/tale/narrative stories/tales/narratives
amount/quantity/sum amounts/quantities/sums list/catalog/inventory lists/catalogs
resources/assets/supplies resource/asset/supply environment/surroundings/setting
environments/surroundings/settings line/row lines/rows sequence/series variety/assortment/diversity
position/post problem/difficulty/trouble problems/difficulties/troubles issue/concern/matter
issues/concerns space/room size/dimension students/pupils/learners student/pupil/learner
instructions/directions/guidelines points/items point/item chapter/section option/choice/alternative
options/choices/alternatives communication/interaction solution/remedy/fix solutions/remedies/fixes
activities/pursuits activity/pursuit features/attributes/traits feature/attribute/trait course/class
courses/classes knowledge/expertise results/outcomes/findings result/outcome/finding
friends/companions/pals friend/companion/pal customers/clients/buyers customer/client/buyer
journey/trip/voyage tips/pointers/hints tip/pointer/hint family/household families/households
speed/pace/velocity meaning/significance/sense challenges/hurdles/obstacles
challenge/hurdle/obstacle approach/strategy/technique approaches/strategies/techniques action/deed
actions/deeds ideas/concepts/notions idea/concept/notion image/picture images/pictures
goal/aim/objective goals/aims/objectives purpose/intention reason/motive reasons/motives
structure/arrangement structures/arrangements field/domain fields/domains
opportunities/chances/openings opportunity/chance opportunities/prospects benefits/advantages/perks
benefit/advantage/perk relationship/bond relationships/bonds success/triumph support/backing
career/profession conversation/dialogue/chat conversations/dialogues/chats country/nation
countries/nations government/administration community/neighborhood communities/neighborhoods
children/kids child/kid man/fellow men/guys woman/lady women/ladies health/wellness
culture/civilization cultures/civilizations tradition/custom traditions/customs music/melody
songs/tunes song/tune movie/film movies/films book/volume books/volumes car/vehicle/automobile
cars/vehicles/automobiles money/cash/funds cost/price/expense costs/prices/expenses
risk/danger/hazard risks/dangers/hazards choice/selection decision/judgment decisions/judgments
response/reaction responses/reactions request/appeal evidence/proof theory/hypothesis rule/principle
rules/regulations law/statute laws/statutes century/era age/era growth/expansion loss/deficit
care/attention attention/notice mind/intellect heart/core effort/exertion efforts/endeavors
emotions/feelings emotion/feeling memory/recollection memories/recollections pain/ache
stress/tension/strain sleep/rest recipe/formula sauce/dressing pan/skillet pot/cauldron
mixture/blend flavor/taste flavors/tastes dish/plate piece/chunk pieces/chunks top/summit
bottom/base end/close middle/center center/middle edge/border surface/exterior ground/soil
weather/climate ocean/sea road/street strategy/plan strategies/plans plan/scheme key/crucial/vital
order/arrangement set/collection form/shape forms/shapes case/instance cases/instances
state/condition conditions/circumstances condition/circumstance situation/circumstance
situations/circumstances variable/parameter variables/parameters error/mistake/fault
errors/mistakes/faults message/note messages/notes document/file documents/files article/piece
articles/essays author/writer authors/writers audience/viewers members/participants
member/participant leader/chief leaders/chiefs employees/workers/staff employee/worker
perspective/viewpoint/outlook perspectives/viewpoints/outlooks opinion/view opinions/views
importance/significance/relevance difference/distinction differences/distinctions
complexity/intricacy aspects/facets aspect/facet context/background scene/sight reference/citation
sources/origins source/origin statement/assertion statements/assertions description/account
"""
_DESCRIPTIONS: Final = """
new/novel/fresh different/distinct/differing various/diverse/assorted
important/significant/essential sure/certain high/elevated/tall higher/greater good/fine/decent
better/finer/superior best/finest/greatest/optimal specific/particular/precise social/communal
large/big/sizable/huge larger/bigger small/little/tiny/compact smaller/tinier
great/wonderful/terrific/superb great/excellent simple/straightforward/uncomplicated
easy/simple/effortless easier/simpler easily/readily/effortlessly common/widespread/frequent
commonly/typically/usually likely/probable unique/distinctive/singular local/nearby/regional
possible/feasible/conceivable popular/favored/beloved long/lengthy/extended longer/lengthier
short/brief shorter/briefer right/correct/proper wrong/incorrect/mistaken
significant/considerable/substantial significantly/considerably/substantially overall/general
personal/private/individual able/capable true/genuine/real total/whole/entire cultural/ethnic
deep/profound deeper/profounder basic/fundamental/elementary early/initial low/minimal lower/reduced
same/identical additional/extra/supplementary due/owing full/complete/entire
fully/completely/entirely/wholly natural/organic average/mean major/main/chief/principal
main/primary/chief current/present/existing strong/sturdy/robust/powerful stronger/sturdier/tougher
traditional/classic/customary general/broad generally/usually/normally typically/usually/generally
usually/normally/generally single/lone/sole warm/heated hot/scorching cold/chilly cool/chilly
last/final/closing difficult/hard/tough/challenging hard/tough/arduous positive/favorable/upbeat
negative/adverse happy/glad/joyful/cheerful sad/unhappy/gloomy further/additional
fun/enjoyable/amusing modern/contemporary old/ancient/aged young/youthful
necessary/needed/essential/required relevant/pertinent/applicable multiple/numerous/several
global/worldwide/international available/accessible/obtainable clear/plain/obvious/evident
clearly/plainly/obviously/evidently efficient/effective/productive effective/efficient/potent
effectively/efficiently/productively essential/vital/crucial/indispensable
crucial/vital/critical/pivotal critical/crucial/decisive vital/crucial/essential
valuable/precious/useful useful/handy/helpful helpful/useful/beneficial
beneficial/advantageous/helpful comfortable/cozy/snug perfect/ideal/flawless ideal/perfect
similar/alike/comparable similarly/likewise regular/routine regularly/routinely/frequently
wide/broad/extensive particularly/especially/notably especially/particularly/notably
especially/chiefly beautiful/lovely/gorgeous/stunning safe/secure safely/securely
quick/fast/rapid/swift quickly/rapidly/swiftly/speedily fast/rapid/quick/speedy slowly/gradually
slow/sluggish gradually/slowly special/exceptional final/ultimate/last finally/lastly/ultimately
friendly/amiable/cordial interesting/intriguing/fascinating creative/inventive/imaginative
successful/prosperous successfully/fruitfully appropriate/suitable/fitting suitable/fitting/apt
proper/fitting/correct properly/correctly/suitably complex/complicated/intricate
entire/whole/complete rich/wealthy poor/needy powerful/mighty/potent famous/renowned/celebrated
numerous/many/countless wonderful/marvelous/fantastic amazing/astonishing/incredible
incredible/astonishing/amazing exciting/thrilling delicious/tasty/flavorful fresh/crisp dry/arid
wet/damp heavy/weighty bright/brilliant/radiant dark/dim/shadowy quiet/silent/hushed smooth/sleek
soft/gentle clean/spotless/tidy free/complimentary ready/prepared/set
approximately/roughly/about/around roughly/approximately actually/really/truly
really/truly/genuinely truly/genuinely/really simply/merely/just probably/likely/presumably
possibly/perhaps/conceivably potentially/possibly/conceivably certainly/surely/definitely
definitely/certainly/surely additionally/furthermore/moreover/besides
furthermore/moreover/additionally moreover/furthermore consequently/accordingly/therefore
specifically/particularly/namely carefully/cautiously/attentively directly/straight
immediately/instantly/promptly recently/lately currently/presently/now previously/formerly/earlier
originally/initially/first initially/originally/first constantly/continually
frequently/often/repeatedly sometimes/occasionally occasionally/sometimes rarely/seldom
eventually/ultimately/finally greatly/vastly/hugely highly/extremely/very widely/broadly
increasingly/progressively later/afterward soon/shortly today/nowadays forward/onward legal/lawful
financial/monetary/fiscal economic/financial physical/bodily mental/psychological
emotional/sentimental public/communal human/mortal daily/everyday professional/expert
digital/electronic online/virtual original/initial innovative/inventive/novel
advanced/sophisticated/progressive individual/personal/separate certain/particular/specific
particular/specific/certain diverse/varied/assorted responsible/accountable/liable careful/cautious
aware/mindful/conscious healthy/wholesome/nutritious accurate/exact/precise exact/precise/accurate
correct/accurate/right reasonable/sensible/fair memorable/unforgettable
"""


def _read(*tables: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """A word and its alternatives, one line of the tables after the other."""
    for entry in " ".join(tables).split():
        word, arrow, others = entry.partition(">")
        if arrow:
            yield word, tuple(others.split(","))
        else:
            group = tuple(word.split("/"))
            yield from ((one, tuple(w for w in group if w != one)) for one in group)


def _merged(rows: Iterator[tuple[str, tuple[str, ...]]]) -> Mapping[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for word, others in rows:
        table[word] = tuple(dict.fromkeys((*table.get(word, ()), *others)))
    return MappingProxyType(table)


ALTERNATIVES: Final = _merged(_read(_GRAMMAR, _VERBS, _NOUNS, _DESCRIPTIONS))
"""Each word of the table, in small letters, with the words that may stand for it."""


def alternatives(word: str) -> tuple[str, ...]:
    """Words that may stand for a word, written as it is: small, Capitalised or in CAPITALS.

    Examples
    --------
    >>> alternatives("Using"), alternatives("zebra")
    (('Employing', 'Utilizing'), ())
    """
    found = ALTERNATIVES.get(word.lower().replace("’", "'"), ())
    if len(word) > 1 and word.isupper():
        return tuple(other.upper() for other in found)
    return tuple(other[0].upper() + other[1:] for other in found) if word[:1].isupper() else found
