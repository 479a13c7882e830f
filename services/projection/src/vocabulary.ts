import {
  domainVocabulary,
  type EventTypeWords,
  problemWords,
  refusalWords,
  statusMemberWords,
  type Words,
  type WordTable,
} from '@commitments/domain'
import { problemTexts, problemTypes } from '@commitments/http-kit'
import { besideNames } from './lists/related.ts'
import { ownProblemTexts } from './problem-words.ts'
import { ownProblems } from './problems.ts'
import { tableDialectWords } from './tables/all-tables.ts'
import { amountFigureWords } from './tables/money-table.ts'
import {
  webhookContentWords,
  webhookOutcomeWords,
  webhookPauseWords,
  webhookStateWords,
} from './webhooks/webhook-words.ts'
import {
  alarmWords,
  forkSourceWords,
  generationPhaseWords,
  generationStateWords,
  healthWords,
  listFormatWords,
  noEndingWords,
  parkedWords,
  projectionNameWords,
  projectionStateWords,
  seriesAxisWords,
  seriesStepWords,
} from './words.ts'

/** The words of the sums of money that are named by codes; as members of an answer, they have the same words. */
const figureWords = Object.fromEntries(besideNames.map((name): [string, Words] => [name, statusMemberWords[name]]))

/** Every code of the API with its words, in groups. */
export const vocabulary: Readonly<Record<string, WordTable>> & {
  readonly eventTypes: Readonly<Record<string, EventTypeWords>>
} = {
  ...domainVocabulary,
  // Lists and totals also need a word for proposals without an ending.
  endings: { ...domainVocabulary.endings, ...noEndingWords },
  problems: {
    ...refusalWords,
    ...problemWords(problemTypes, problemTexts),
    ...problemWords(ownProblems, ownProblemTexts),
  },
  figures: figureWords,
  alarms: alarmWords,
  parkedCodes: parkedWords,
  projections: projectionNameWords,
  projectionStates: projectionStateWords,
  generationStates: generationStateWords,
  generationPhases: generationPhaseWords,
  forkSources: forkSourceWords,
  health: healthWords,
  listFormats: listFormatWords,
  tableDialects: tableDialectWords,
  amountFigures: amountFigureWords,
  seriesAxes: seriesAxisWords,
  seriesSteps: seriesStepWords,
  webhookContents: webhookContentWords,
  webhookStates: webhookStateWords,
  webhookPauses: webhookPauseWords,
  webhookOutcomes: webhookOutcomeWords,
}
