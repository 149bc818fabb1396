"""OAuth 2 (RFC 6749) on authlib's framework-free core, kept in the control database. Speaks no HTTP."""
