import { z } from 'zod'
import { defineEvent } from './define-event.ts'
import { accepted } from './refusals.ts'
import { boundedList, eventVersion, limits, object } from './schema.ts'
import { LanguageMap, LongLanguageMap } from './texts.ts'

/** SHA-256 in base 64. */
export const HashText = z.string().regex(/^[A-Za-z0-9+/]{43}=$/)

export const ErasedData = object({
  events: boundedList(
    object({
      version: eventVersion(),
      position: z.int().min(1),
      leafHash: HashText.meta({ description: 'SHA-256 of a zero byte and the line as it is from now on.' }),
    }),
    { of: 'events', max: limits.erasedEvents },
  ),
  reason: LongLanguageMap,
  decidedBy: LanguageMap,
  proposedBy: z
    .string()
    .min(1)
    .max(limits.reference)
    .meta({ description: 'Who proposed it; who approved it is its `recordedBy`, and is somebody else.' }),
}).meta({
  id: 'ErasedData',
  description:
    'The texts of these events were erased for ever. Their lines keep the hash of what was recorded, which is their leaf in the tree; what they say now is bound by the hash in this event.',
  examples: [
    {
      events: [{ version: 2, position: 17, leafHash: 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=' }],
      reason: { en: 'The note named a private person.' },
      decidedBy: { en: 'Data protection officer, decision 12/2026' },
      proposedBy: 'key:registry-operator',
    },
  ],
})
export type ErasedData = z.infer<typeof ErasedData>

/**
 * That texts of earlier events of its proposal were erased. It is not in the registry of events that can be sent: two people with different
 * keys decide on an erasure, and the log writes this event in the transaction that rewrites the lines (docs/decisions/0048-erasure.md). It
 * has no effect on the state: the fold reads the lines as they are now.
 */
export const erased = defineEvent({
  type: 'erased',
  schemaVersion: 1,
  group: 'knowledge',
  words: {
    en: { label: 'Texts erased', description: 'Texts of earlier events were erased for ever.' },
    vi: { label: 'Đã xóa nội dung', description: 'Nội dung chữ của các sự kiện trước đã bị xóa vĩnh viễn.' },
    ko: { label: '내용 삭제', description: '이전 사건의 글 내용이 영구히 삭제되었다.' },
  },
  data: ErasedData,
  happens: false,
  sourced: false,
  acts: 'anybody',
  accepts: 'any',
  from: 'any',
  rereads: true,
  decide: () => accepted,
  evolve: (proposal) => proposal,
})
