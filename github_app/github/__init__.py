"""GitHub as the App sees it: tokens, a transport per installation, a mirror per repository."""
