import { z } from 'zod'
import { When } from './dates.ts'
import { languageFault, maxTagLength } from './languages.ts'
import { accepts, hasAtMost, limits, object, onErasure, oneOf, plainText } from './schema.ts'
import { codesText } from './words/codes-text.ts'
import { confidenceWords } from './words/knowledge.ts'
import { codesOf } from './words/words.ts'

export const confidences = codesOf(confidenceWords)
export const Confidence = oneOf(confidences).meta({
  id: 'Confidence',
  description: codesText('How sure those who record an event are of it.', confidenceWords),
})
export type Confidence = (typeof confidences)[number]

const urlError = accepts(
  `must be a whole http or https address of at most ${limits.url} characters, such as https://example.org/document`,
)

const digestError = accepts('must be "sha256:" and 64 hexadecimal digits in lower case')

/** The source of an event, as cited: title, publisher and fact are plain text, `language` is the document's. */
export const Evidence = object({
  title: plainText(limits.shortText),
  publisher: plainText(limits.shortText).optional(),
  publishedOn: When.nullable().optional(),
  language: z
    .string({ error: accepts('must be a language tag of BCP 47, such as "vi"') })
    .max(maxTagLength, { error: `must be at most ${maxTagLength} characters`, abort: true })
    .check((payload) => {
      const fault = languageFault(payload.value)
      if (fault) payload.issues.push({ code: 'custom', message: fault, input: payload.value })
    })
    .optional(),
  url: z
    .string({ error: urlError })
    .refine(isWebAddress, { error: urlError })
    .meta({ maxLength: limits.url, format: 'uri' })
    .register(onErasure, { becomes: 'nothing' })
    .optional(),
  digest: z
    .string({ error: digestError })
    .regex(/^sha256:[0-9a-f]{64}$/, { error: digestError })
    .register(onErasure, { becomes: 'nothing' })
    .optional(),
  supports: plainText(limits.longText),
  partial: z.boolean().optional(),
}).meta({
  id: 'Evidence',
  description:
    'A source for an event. `supports` is the fact that it attests; `partial` means that it attests only part of the event; `digest` is the ' +
    'SHA-256 of the document.',
  examples: [
    {
      title: 'News article on JCM9',
      publisher: 'vsta.org.vn',
      publishedOn: '2023-09',
      language: 'vi',
      supports: 'The ninth session took place on 18 and 19 September 2023.',
    },
  ],
})
export type Evidence = z.infer<typeof Evidence>

/** Other schemes (`javascript:`) must never become links of a page that shows the record. */
function isWebAddress(text: string): boolean {
  return hasAtMost(text, limits.url) && /^https?:\/\/\S+$/.test(text) && URL.canParse(text)
}
