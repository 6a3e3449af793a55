"""What comes before the work in a batch: guidelines, training, calibration."""
