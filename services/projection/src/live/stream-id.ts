/** Which event of which log: what `id:` holds in the stream, and what a reader sends back as `Last-Event-ID`. */
export interface StreamId {
  readonly logId: string
  readonly position: number
}

export function streamId({ logId, position }: StreamId): string {
  return `${logId}:${position}`
}

const pattern = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}):(\d{1,16})$/

/** Null if it is not one of our ids. */
export function parseStreamId(text: string): StreamId | null {
  const [, logId, digits] = pattern.exec(text) ?? []
  if (logId === undefined || digits === undefined) return null
  const position = Number(digits)
  return Number.isSafeInteger(position) ? { logId, position } : null
}
