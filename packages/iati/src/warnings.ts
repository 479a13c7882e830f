/** What the owner should know of the publication as a whole. */
import type { Warning } from './draft.ts'
import { agencies } from './generated.ts'
import type { Settings } from './settings.ts'

/** Bytes: the guidance wants smaller files, and the Registry refuses those of 60,000,000 and more. */
const largeFrom = 40_000_000

/** About the identifier of the reporting organisation. */
export function warningsOfSettings({ reportingOrg }: Settings): Warning[] {
  const { ref } = reportingOrg
  if (agencies.some((agency) => ref.startsWith(`${agency}-`))) return []
  const message = `The reporting organisation identifier (${ref}) does not begin with an agency code that is known here (${agencies.join(', ')}). The others are listed at org-id.guide.`
  return [{ id: '1.14.8', message }]
}

/** About the sizes of the files. @param bytes of each file */
export function warningsOfFiles(bytes: readonly number[]): Warning[] {
  const largest = Math.max(0, ...bytes)
  if (largest < largeFrom) return []
  const total = bytes.reduce((sum, one) => sum + one, 0)
  const files = Math.ceil((total * 1.25) / largeFrom)
  const message = `The largest file has ${largest} bytes. Set "files" in IATI_FILE to ${files} or more: files below ${largeFrom} bytes are advised, and the Registry refuses 60000000 and more.`
  return [{ id: 'file-size', message }]
}
