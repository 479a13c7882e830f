import { type WordLanguage, type Words, wordLanguages } from '@commitments/domain'
import { defineRoute, type RouteDefinition } from '@commitments/http-kit'
import { z } from 'zod'
import type { Service } from '../service.ts'
import { vocabulary } from '../vocabulary.ts'
import { conditional, notModified, tagOf } from './reading.ts'

const wording = {
  label: z.string().max(200).meta({ description: 'A short name, for tags and table headings.' }),
  description: z.string().max(2_000).meta({ description: 'One or two plain sentences.' }),
}

const Wording = z
  .object(wording)
  .meta({ id: 'Wording', description: 'What a code is called and means, in one language.' })

const EventTypeWording = z
  .object({
    ...wording,
    from: z.string().max(200).meta({ description: 'The state of the proposal in which the event is possible.' }),
  })
  .meta({ id: 'EventTypeWording', description: 'What a type of event is called and means, in one language.' })

function tableOf(entry: z.ZodType) {
  const languages = Object.fromEntries(wordLanguages.map((language) => [language, entry.optional()]))
  return z.record(z.string(), z.object(languages))
}

const Words = tableOf(Wording).meta({ id: 'WordTable', description: 'Codes with their words, by language.' })

const about: Readonly<Record<string, string>> = {
  problems:
    'Codes of the problems of both services: the label is the title, the description says what the caller should do.',
  eventTypes: 'Types of events, by `type`, with the states in which they are possible.',
  endings: 'How proposals end. `none`: the proposal has not ended.',
  fields: 'Fields of activity that have a label. The list of fields is open: any other field has only its slug.',
  members:
    'Members of events, statuses, portfolios and histories, by name. If a name has another meaning in one type of event or in one component of the OpenAPI document, there is an entry with that type or component as its prefix, such as `contributed-in-kind.item` or `ProposalStatus.end`. Look for that entry first.',
}

const Vocabulary = z
  .object({
    vocabulary: z
      .object(
        Object.fromEntries(
          Object.keys(vocabulary).map((group) => {
            const table = group === 'eventTypes' ? tableOf(EventTypeWording) : Words
            return [group, about[group] === undefined ? table : table.meta({ description: about[group] })]
          }),
        ),
      )
      .meta({ description: 'The words of each group of codes, by code.' }),
  })
  .meta({ id: 'Vocabulary', description: 'Every code of the API with its label and description, in groups.' })

export function getVocabularyRoute(service: Service): RouteDefinition {
  const made = new Map<WordLanguage | undefined, string>()
  return defineRoute({
    method: 'GET',
    url: '/v1/vocabulary',
    operationId: 'getVocabulary',
    tag: 'History',
    summary: 'What every code is called and means',
    description:
      'A short label and a plain description of every code of the API, in English, Vietnamese and Korean: stages, endings, conditions, kinds, fields, roles, forms, types of events, members of data, problems and all others. The answer changes with a release of the service, not with the log.',
    access: { scope: 'read' },
    query: z.strictObject({
      lang: z
        .enum(wordLanguages)
        .optional()
        .meta({ description: 'Only this language; all three unless given.', examples: ['vi'] }),
    }),
    responses: {
      200: { description: 'The words.', schema: Vocabulary, headers: ['ETag', 'Cache-Control'] },
      304: { ...notModified, headers: ['ETag', 'Cache-Control'] },
    },
    problems: [],
    work: 'memory',
    handler: ({ query: { lang }, raw }) => {
      const body = made.get(lang) ?? JSON.stringify({ vocabulary: lang === undefined ? vocabulary : onlyIn(lang) })
      made.set(lang, body)
      return conditional(service, raw, { body, etag: tagOf('vocabulary', body) })
    },
  })
}

function onlyIn(language: WordLanguage): object {
  return Object.fromEntries(
    Object.entries(vocabulary).map(([group, table]) => [
      group,
      Object.fromEntries(
        Object.entries(table).map(([code, words]: [string, Words]) => [code, { [language]: words[language] }]),
      ),
    ]),
  )
}
