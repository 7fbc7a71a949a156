"""A small story, from feed to RFQ, that tests never rely on."""
