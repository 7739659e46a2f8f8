"""Why a request was answered as it was, and the nearest that would be allowed.

reasons        the rules and conditions behind an answer, with their values
neighbourhood  requests that differ in few facts, the smallest change first
nearest        the nearest allowed request, or never
"""
