"""Who is who: normalising, hashing and matching identities. Raw values come in here and only hashes leave."""
