const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/**
 * The trace context of a caller (W3C Trace Context, level 1), in the form of version 00, or null. As the standard says,
 * an invalid header is ignored and a later version is read as far as version 00 goes.
 */
export function parseTraceparent(header: string | string[] | undefined): string | null {
  if (typeof header !== 'string') return null
  const parts = pattern.exec(header.trim())
  if (parts === null) return null
  const [, version, trace, parent, flags, rest] = parts as unknown as string[]
  if (version === 'ff' || (version === '00' && rest !== undefined)) return null
  if (/^0+$/.test(trace ?? '') || /^0+$/.test(parent ?? '')) return null
  return `00-${trace}-${parent}-${flags}`
}
