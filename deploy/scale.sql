-- The second of a relay's two databases; the image makes the first.
CREATE DATABASE privity_logs OWNER privity;
