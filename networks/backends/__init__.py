"""What runs a network by torch, each behind the interface of `networks.runtime.Network`; `choosing` says which."""
