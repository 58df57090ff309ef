"""How the visit was: what is asked of whoever leaves. `shown` what the screens show, `acts` what can be touched, `steps` what follows."""
