import { acceptEvent } from './event.ts'
import { TooMuchWork } from './faults.ts'
import { judging } from './judge.ts'
import type { NotRecorded, RecordRequest } from './requests.ts'
import type { RecorderState } from './state.ts'
import {
  createGroupStreams,
  createStreamCache,
  loadStreams,
  presumeAbsent,
  recordingAt,
  streamInMemory,
} from './streams.ts'
import { inTurns } from './turns.ts'

export type DryRunResult = { readonly outcome: 'acceptable'; readonly version: number } | NotRecorded

/**
 * What would become of a request if it came now: the same rules, on streams read now. Keys are neither looked up nor taken.
 *
 * @throws Unavailable where the log cannot be read
 */
export async function decideOnly(recorder: RecorderState, request: RecordRequest): Promise<DryRunResult> {
  const streams = createGroupStreams(
    recorder.log,
    createStreamCache(1),
    recordingAt(recorder.clock(), recorder.timeZone),
  )
  const { proposalId } = request.body
  const wanted = [proposalId]
  for (;;) {
    await loadStreams(streams, wanted)
    const stream = streamInMemory(streams, proposalId) ?? presumeAbsent(streams, proposalId)
    const verdict = await inTurns(judging(streams, stream, request, true))
    switch (verdict.verdict) {
      case 'load-first':
        wanted.splice(0, 1, verdict.proposalId)
        break
      case 'refused':
        return { outcome: 'refused', refusal: verdict.refusal }
      case 'version-conflict':
        return { outcome: 'version-conflict', actual: verdict.actual }
      case 'accepted': {
        const made = acceptEvent(stream, request, null, verdict.restsOn)
        if ('answer' in made) return made.answer
        return { outcome: 'acceptable', version: made.event.version }
      }
      case 'later':
        throw new TooMuchWork()
      default:
        verdict satisfies never
    }
  }
}
