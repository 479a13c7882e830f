import { z } from 'zod'
import { When } from './dates.ts'
import { limits, object, oneOf, plainText } from './schema.ts'
import { LanguageMap } from './texts.ts'
import { formWords } from './words/agreement.ts'
import { codesText } from './words/codes-text.ts'
import { codesOf } from './words/words.ts'

/** How binding an agreement is. */
export const forms = codesOf(formWords)
export const Form = oneOf(forms, { mou: 'did you mean "memorandum"?' }).meta({
  id: 'Form',
  description: codesText('How firmly it was agreed.', formWords),
  examples: ['memorandum'],
})
export type Form = (typeof forms)[number]

/** The document in which it was agreed. */
export const Instrument = object({
  title: LanguageMap,
  number: plainText(limits.reference).optional(),
  signedOn: When.nullable().optional(),
  binding: z.boolean().optional(),
}).meta({
  id: 'Instrument',
  description: 'The document that contains the agreement; a descriptive title if its name is not known.',
  examples: [{ title: { en: 'Agreement on scientific and technological cooperation' }, signedOn: '1995-04' }],
})
export type Instrument = z.infer<typeof Instrument>
