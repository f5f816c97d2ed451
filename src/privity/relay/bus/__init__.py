"""How the processes of one relay tell each other that something came."""
