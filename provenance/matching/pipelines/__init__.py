"""The scorer where pipelines already run; each module fits the interface of one package."""
