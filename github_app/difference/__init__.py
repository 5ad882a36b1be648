"""What a promotion changes in a stage's rendered manifests, as values and as words. Pure."""
