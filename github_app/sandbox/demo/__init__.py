"""`towline demo`: the whole story on one machine, told by the real parts themselves."""
