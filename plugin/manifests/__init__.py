"""Printed manifests as text: documents, who carries freight, records applied, disks guarded."""
