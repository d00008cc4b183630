def decide(signs, order="mode momentum axis gradient initialisation rate"):
    """Name the first fault of an order that the signs speak for."""
    speaks_for = {
        "mode": min(signs["moved"]) < 1e-6,
        "momentum": min(signs["moved"]) < 0.02 or max(signs["moved"]) > 0.5,
        "axis": max(signs["mean"]) > 0.1,
        "gradient": max(signs["gradient"]) > 1e-3,
        "initialisation": signs["loss"] > 3 or max(signs["saturated"]) > 0.4,
        "rate": max(signs["update"]) < -3.3 or max(signs["update"]) > 0,
    }
    found = next((fault for fault in order.split() if speaks_for[fault]), "healthy")
    return {"rate": "learning rate"}.get(found, found)
