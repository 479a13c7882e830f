/**
 * Writes docs/whose-act.md: what a key that is bound to a party may record, of every type of event, from the definitions.
 *
 *   node scripts/generate-acts.ts           writes it
 *   node scripts/generate-acts.ts --check   exits with 1 where it is out of date
 */
import { describeEventTypes, eventDefinitions } from '@commitments/domain'
import { writeOrCheck } from './write-or-check.ts'

const introduction = `<!-- Made by scripts/generate-acts.ts from the definitions of the events; do not edit. -->

# Whose act an event is

A key may be bound to a party (\`"party"\` in its entry). It then speaks for that party only, in every way of recording: one event, many, all or none,
or a dry run. Its \`assertedBy\` is its party: it is filled in if it is absent (an event without evidence must name it), and
another party is 403 \`not-your-party\`. What is said of a key holds for the access token of an issuer ([signing-in.md](signing-in.md)) whose party the
configuration says; a token that speaks for no party records nothing. The table says what it may record; everything else is 403 \`not-your-party\`, or
\`not-your-event\` for a correction or a retraction. A key that is bound to no party may record anything. The reasons are in [decision 15](decisions/0015-a-key-speaks-for-its-party.md).

| event | whose act | with a key that is bound to a party |
|---|---|---|
`

const unnamed = {
  anybody: 'nobody',
  'a-party': 'one of the parties',
  'whose-events': 'the recorder or the asserting party of those events',
} as const

const rows = describeEventTypes().map(({ type, acts: { by, text } }) => {
  const acts = eventDefinitions.find((one) => one.type === type)?.acts
  const whose = by === 'named' && typeof acts === 'object' ? acts.who : unnamed[by as keyof typeof unnamed]
  return `| \`${type}\` | ${whose} | ${text} |\n`
})

await writeOrCheck(
  new URL('../docs/whose-act.md', import.meta.url),
  introduction + rows.join(''),
  'scripts/generate-acts.ts',
)
