/** Whose signature may stand under an event. That it holds was found when the request was read (routes/signature.ts). */
import type { NotAllowed } from '@commitments/domain'
import type { RecordRequest } from './requests.ts'

/**
 * Why an event must not be recorded with this signature, or without one; null if nothing speaks against it. Asked where everything is decided, after
 * the keys that are known: a repeat of a recorded request is answered as the first time, also when the signing key has been replaced since.
 *
 * @param now in the form of `recordedAt`
 */
export function maySign(request: RecordRequest, logId: string, now: string): NotAllowed | null {
  const { body, speaker, signing } = request
  const { signature } = body
  if (signature === undefined) return signing?.required ? notSigned() : null
  const key = signing?.keys.find(({ publicKey }) => publicKey === signature.key)
  if (!key) return notYours(`The key in \`signature\` is not registered for ${speaker.recordedBy}.`, signature.key)
  const at = Date.parse(now)
  if (at < key.notBefore) {
    const from = new Date(key.notBefore).toISOString()
    return notYours(`The key in \`signature\` is valid from ${from}.`, signature.key)
  }
  if (at >= key.expires) {
    const end = new Date(key.expires).toISOString()
    return notYours(`The key in \`signature\` expired at ${end}.`, signature.key)
  }
  if (signature.log === logId) return null
  const detail = `The event is signed for the log ${signature.log}, and this is the log ${logId}. If this is where it belongs, sign it again with \`log\` ${logId}.`
  return { outcome: 'not-allowed', code: 'signed-for-another-log', detail, logId }
}

function notSigned(): NotAllowed {
  const detail = 'Only signed events are recorded for this caller, and this one has no `signature`.'
  return { outcome: 'not-allowed', code: 'signature-required', detail }
}

function notYours(detail: string, key: string): NotAllowed {
  return { outcome: 'not-allowed', code: 'not-your-signing-key', detail, key }
}
