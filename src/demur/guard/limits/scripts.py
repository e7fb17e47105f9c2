"""What Redis does in one step, in its Lua: the same sums as in ``debt`` and ``hold``, by Redis's own clock.

A script runs while nothing else does, so that no two gateways ever take the same last request; and the clock of Redis
is one for all of them. Every number is a whole one below 2 ** 53, and is written with ``%.0f``, for Lua's own way keeps 14
digits.

Debts are kept as ``WHEN REQUESTS TOKENS``, a hold as ``H LENGTH END``, attempts before the first hold as
``T WHEN WHEN ...``; each for as long as it means something.
"""

from demur.guard.limits.debt import MOST_DEBT_MS, UNIT

__all__ = ["CLOCK", "blocked_script", "settle_script", "take_script"]

CLOCK = """
local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function keep(key, value, ms)
  redis.call('SET', key, value, 'PX', string.format('%.0f', ms))
end
"""

_DEBTS = f"""
local UNIT, MOST_DEBT_MS = {UNIT}, {MOST_DEBT_MS}

local function drained_in(debt, rate)
  return debt > 0 and math.ceil(debt / rate) or 0
end

local function keep_debts(key, now, requests, tokens, rates)
  local ms = math.max(drained_in(requests, rates[1]), drained_in(tokens, rates[2]))
  if ms > 0 then
    keep(key, string.format('%.0f %.0f %.0f', now, requests, tokens), ms + 1)
  else
    redis.call('DEL', key)
  end
end

local function debts_of(key, value, now, rates)
  local at, requests, tokens = string.match(value or '', '^(%d+) (%d+) (%d+)$')
  if not at then return 0, 0 end
  at, requests, tokens = tonumber(at), tonumber(requests), tonumber(tokens)
  if at > now then -- the clock went back, as after a failover: without this nothing drains until it has caught up
    keep_debts(key, now, requests, tokens, rates)
    return requests, tokens
  end
  return math.max(0, requests - rates[1] * (now - at)), math.max(0, tokens - rates[2] * (now - at))
end

local function rates_of(at)
  return {{tonumber(ARGV[at]), tonumber(ARGV[at + 1])}}
end
"""

_HOLDS = """
local function hold_of(value)
  local ms, ends = string.match(value or '', '^H (%d+) (%d+)$')
  return tonumber(ms or 0), tonumber(ends or 0)
end
"""

_TAKE = """
local now, n_limits, cost, most_ms = now_ms(), tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local values, is_allowed, reply = redis.call('MGET', unpack(KEYS)), true, {}
for i = 1, n_limits do
  local rates = rates_of(2 * i + 2)
  local requests, tokens = debts_of(KEYS[i], values[i], now, rates)
  reply[2 * i - 1], reply[2 * i] = requests, tokens
  if rates[1] > 0 and requests + UNIT > rates[1] * UNIT or rates[2] > 0 and tokens + cost > rates[2] * UNIT then
    is_allowed = false
  end
end
for i = n_limits + 1, #KEYS do
  local _, ends = hold_of(values[i])
  local ms = math.max(0, math.min(ends - now, most_ms))
  reply[n_limits + i] = ms
  is_allowed = is_allowed and ms == 0
end
if is_allowed then
  for i = 1, n_limits do
    local rates = rates_of(2 * i + 2)
    local requests = rates[1] > 0 and reply[2 * i - 1] + UNIT or 0
    local tokens = rates[2] > 0 and reply[2 * i] + cost or 0
    keep_debts(KEYS[i], now, requests, tokens, rates)
  end
end
return reply
"""

_SETTLE = """
local now, more = now_ms(), tonumber(ARGV[1])
for i = 1, #KEYS do
  local rates = rates_of(2 * i)
  local requests, tokens = debts_of(KEYS[i], redis.call('GET', KEYS[i]), now, rates)
  keep_debts(KEYS[i], now, requests, math.max(0, math.min(tokens + more, rates[2] * MOST_DEBT_MS)), rates)
end
"""

_BLOCKED = """
local after, within_ms, first_ms = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local factor, most_ms = tonumber(ARGV[4]), tonumber(ARGV[5])
local now, longest = now_ms(), 0
for i = 1, #KEYS do
  local value = redis.call('GET', KEYS[i]) or ''
  local ms, ends = hold_of(value)
  local times = {}
  if ms > 0 and now < ends + within_ms then
    ms = math.min(most_ms, math.ceil(ms * factor))
  else
    for time in string.gmatch(string.match(value, '^T (.*)$') or '', '%d+') do
      if now - tonumber(time) < within_ms then table.insert(times, time) end
    end
    table.insert(times, string.format('%.0f', now))
    ms = #times >= after and first_ms or 0
  end
  if ms > 0 then
    keep(KEYS[i], string.format('H %.0f %.0f', ms, now + ms), ms + within_ms)
    longest = math.max(longest, math.min(ms, most_ms))
  else
    keep(KEYS[i], 'T ' .. table.concat(times, ' '), within_ms)
  end
end
return longest
"""


def take_script() -> str:
    """Give the script that allows a request and charges it, or does neither.

    KEYS are those of the limits, then of the holds. ARGV: how many limits, what the tokens cost, the longest hold, then
    requests and tokens a minute of each limit, 0 for none. The reply is what was owed under each limit before the
    request, of requests and of tokens, then how long each hold still lasts.
    """
    return CLOCK + _DEBTS + _HOLDS + _TAKE


def settle_script() -> str:
    """Give the script that charges tokens, whatever is left.

    KEYS are those of the limits. ARGV: what the tokens cost, then requests and tokens a minute of each limit.
    """
    return CLOCK + _DEBTS + _SETTLE


def blocked_script() -> str:
    """Give the script that takes in a blocked attempt, and replies for how long they are held off.

    KEYS are those of the holds; ARGV: after, within, first, factor, most.
    """
    return CLOCK + _HOLDS + _BLOCKED
