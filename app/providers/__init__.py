"""The providers' dialects, one package each, all behind `domain.ports.Provider`; they do not know one another.

Foreign words are translated here, in tables; an unknown word is logged and moves nothing. What a provider says to
people stays here too: failures carry our own sentences and the provider's code.
"""
