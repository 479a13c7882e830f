import { z } from 'zod'
import { object, oneOf } from './schema.ts'
import { codesText } from './words/codes-text.ts'
import { fundingNeedWords, kindWords } from './words/kinds.ts'
import { endingWords, stageWords } from './words/stages.ts'
import { codesOf } from './words/words.ts'

/** The four acts, each an event of that name, in the order of the stages that they reach. */
export const acts = [
  'proposed',
  'agreed',
  'funded',
  'delivered',
] as const satisfies readonly (keyof typeof stageWords)[]

/** The stage of a proposal: the highest act that was reached, in this order (docs/domain.md, Stage). */
export const stages = codesOf(stageWords)
export const Stage = oneOf(stages).meta({
  id: 'Stage',
  description: codesText(
    'The highest act that was reached. It falls back only by a retraction, a correction or a reopening.',
    stageWords,
  ),
  examples: ['agreed'],
})
export type Stage = (typeof stages)[number]

export const endings = codesOf(endingWords)
/** Words that are taken for an ending. */
export const noEndings = {
  closed: 'record "closed"',
  completed: 'record "delivered"',
  delivered: 'record "delivered"',
  rejected: 'did you mean "declined"?',
}
export const Ending = oneOf(endings, noEndings).meta({
  id: 'Ending',
  description: codesText('How a proposal ended.', endingWords),
  examples: ['superseded'],
})
export type Ending = (typeof endings)[number]

/** The higher of two stages. */
export function higherStage(a: Stage, b: Stage): Stage {
  return stages.indexOf(a) >= stages.indexOf(b) ? a : b
}

export const kinds = codesOf(kindWords)
export const Kind = oneOf(kinds, { mou: 'did you mean "memorandum"?' }).meta({
  id: 'Kind',
  description: codesText(
    'The kind of commitment. It determines what an agreement needs, whether funding is possible, and after which stage the proposal can be delivered.',
    kindWords,
  ),
  examples: ['oda-grant-project'],
})
export type Kind = (typeof kinds)[number]

export const KindDescription = object({
  kind: Kind,
  funding: oneOf(codesOf(fundingNeedWords)).meta({
    description: codesText('Whether it has funding lines.', fundingNeedWords),
  }),
  deliveredAfter: z.array(Stage).max(stages.length).meta({ description: 'The stages from which it may be delivered.' }),
  session: z.boolean().meta({
    description: 'A meeting: it has an agenda, and delivering it needs evidence that it took place.',
  }),
  formal: z.boolean().meta({ description: '`agreed` needs an instrument, and terms with objectives.' }),
  agreeingParties: z.int().min(1).meta({
    description: 'The number of parties that must agree: a policy commitment binds the party that makes it.',
  }),
}).meta({ id: 'KindDescription', description: 'The requirements and options of a kind of commitment.' })
export type KindDescription = z.infer<typeof KindDescription>

/** The requirements and options of a kind of commitment (docs/domain.md, Kinds and their profiles). */
export type Profile = Readonly<Omit<KindDescription, 'kind'>>

const usual = { session: false, formal: false, agreeingParties: 2 } as const
const funded: Profile = { ...usual, funding: 'required', deliveredAfter: ['funded'] }
const officialAid: Profile = { ...funded, formal: true }
const maybeFunded: Profile = { ...usual, funding: 'optional', deliveredAfter: ['agreed', 'funded'] }
const instrument: Profile = { ...usual, funding: 'none', deliveredAfter: ['agreed'] }
const meeting: Profile = { ...usual, funding: 'none', deliveredAfter: ['proposed', 'agreed'], session: true }

export const profiles: Readonly<Record<Kind, Profile>> = {
  'oda-grant-project': officialAid,
  'oda-loan-project': officialAid,
  'technical-assistance': funded,
  'joint-research': funded,
  'rnd-centre': funded,
  'training-centre': funded,
  system: maybeFunded,
  'training-programme': maybeFunded,
  exchange: maybeFunded,
  'programme-participation': maybeFunded,
  'policy-commitment': { ...maybeFunded, agreeingParties: 1 },
  memorandum: instrument,
  'framework-agreement': instrument,
  treaty: instrument,
  'committee-session': meeting,
  forum: meeting,
  'working-meeting': meeting,
  programme: { ...maybeFunded, funding: 'children' },
}

/** Every kind with its profile. */
export function describeKinds(): readonly KindDescription[] {
  return kinds.map((kind) => ({ kind, ...profiles[kind] }))
}
