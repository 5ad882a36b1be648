"""What Argo CD asks: an Application's words and files to its stage, its screen, its manifests."""
