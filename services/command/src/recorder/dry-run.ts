import { judgeAnew, streamsAnew } from './anew.ts'
import type { NotRecorded, RecordRequest } from './requests.ts'
import type { RecorderState } from './state.ts'
import { loadStreams } from './streams.ts'

export type DryRunResult = { readonly outcome: 'acceptable'; readonly version: number } | NotRecorded

/**
 * What would become of a request if it came now: the same rules, on streams read now. Keys are neither looked up nor taken.
 *
 * @throws Unavailable where the log cannot be read
 */
export async function decideOnly(recorder: RecorderState, request: RecordRequest): Promise<DryRunResult> {
  const streams = streamsAnew(recorder)
  await loadStreams(streams, [request.body.proposalId])
  const made = await judgeAnew(streams, request, null)
  return 'answer' in made ? made.answer : { outcome: 'acceptable', version: made.event.version }
}
