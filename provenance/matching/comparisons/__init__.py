"""Questions of models, not of corpora: are two the same, does one lean to an API."""
