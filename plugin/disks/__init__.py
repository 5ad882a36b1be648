"""VM disks as KubeVirt and CDI have them: one disk is one edit over all its places."""
