"""The HTTP door: reads requests strictly, calls one action, renders its answer.

`schemas` are the shapes of bodies and answers and make the OpenAPI document; `errors` is the one table from business
errors to statuses. A handler that needs an owner is wrapped by `auth.owned`, so that none is reachable without one.
"""
