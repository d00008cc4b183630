"""bncourse: the layers, models and figures behind the course on initialisation and Batch Normalization."""

__version__ = "0.1.0"
