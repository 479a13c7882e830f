/** What the checks ask of the service. */
import { ask, askLine, askNow, askText } from '../data/ask.ts'
import { askHistory } from '../data/history.ts'
import type { Service } from './check.ts'

export function serviceUntil(signal: AbortSignal): Service {
  return {
    checkpoint: async () => (await askNow(askText('/log/checkpoint'), signal)).value,
    vkeys: async () => (await askNow(askText('/log/vkey'), signal)).value,
    consistency: async (from, to) => (await askNow(ask('/v1/log/proofs/consistency', { from, to }), signal)).value,
    forks: async () => (await askNow(ask('/v1/log/forks'), signal)).value.forks,
    line: (position) => askLine(position, signal),
    proven: async (proposalId) => (await askNow(askHistory(proposalId, 'true'), signal)).value.events,
  }
}
