"""HTTP as such: routes, fields, bodies, answers, problems. No feature is named here."""
