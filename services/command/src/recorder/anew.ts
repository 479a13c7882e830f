import { inTurns } from '@commitments/http-kit/slices'
import { acceptEvent, type MadeEvent } from './event.ts'
import { TooMuchWork } from './faults.ts'
import { judging, type Verdict } from './judge.ts'
import type { NotRecorded, RecordRequest } from './requests.ts'
import type { RecorderState } from './state.ts'
import {
  createGroupStreams,
  createStreamCache,
  type GroupStreams,
  loadStreams,
  recordingAt,
  streamOf,
} from './streams.ts'

/**
 * Streams that are read from the log whenever they are wanted: their cache is empty, so that nothing is judged from memory.
 *
 * @param historyEvents so many events of histories are gone through at most
 */
export function streamsAnew({ log, clock, timeZone }: RecorderState, historyEvents?: number): GroupStreams {
  return createGroupStreams(log, createStreamCache(1), recordingAt(clock(), timeZone), historyEvents)
}

/**
 * Judges one request on streams of {@link streamsAnew}, and puts its event on top of its stream; or says why there is none.
 *
 * @throws TooMuchWork where more of histories would have to be gone through; Unavailable where the log cannot be read
 */
export async function judgeAnew(
  streams: GroupStreams,
  request: RecordRequest,
  keyDigest: string | null,
): Promise<MadeEvent | { readonly answer: NotRecorded }> {
  let verdict: Verdict
  for (;;) {
    verdict = await inTurns(judging(streams, request, true))
    if (verdict.verdict !== 'load-first') break
    await loadStreams(streams, [verdict.proposalId])
  }
  switch (verdict.verdict) {
    case 'accepted':
      return acceptEvent(streamOf(streams, request.body.proposalId), request, keyDigest, verdict.restsOn)
    case 'refused':
      return { answer: { outcome: 'refused', refusal: verdict.refusal } }
    case 'version-conflict':
      return { answer: { outcome: 'version-conflict', actual: verdict.actual } }
    case 'later':
      throw new TooMuchWork()
    default:
      return verdict satisfies never
  }
}
