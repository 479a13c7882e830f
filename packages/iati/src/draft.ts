/** An activity while it is made: what it will say in words, and what the report will say of it. */
import type { Day, EventType, LanguageMap, Party, WordLanguage } from '@commitments/domain'
import { languageCodeOf, sentenceLanguages, textIn } from './languages.ts'
import type { Settings } from './settings.ts'
import { type Element, isUnwritable } from './xml.ts'

/** Something of our record that is not in the activity, or not as it is. */
interface Omission {
  /** The event; null for what no single event says. */
  readonly version: number | null
  readonly what: string
  readonly why: string
}

/** What the owner should know of an activity that is published. */
export interface Warning {
  readonly id: string
  readonly message: string
}

/** The moment and the place of a publication. */
export interface Publication {
  readonly settings: Settings
  /** The last day on which something that happened may be written. */
  readonly limit: Day
  /** The public address of the service, without a slash at its end; empty if it is not known. */
  readonly publicUrl: string
  readonly logId: string
}

export class Draft {
  readonly settings: Settings
  readonly publication: Publication
  /** The languages of our own sentences. */
  readonly languages: readonly WordLanguage[]
  /** What only words can say: descriptions of type 4. */
  readonly statements: LanguageMap[] = []
  readonly #omissions = new Map<string, Omission>()
  readonly warnings: Warning[] = []
  /** Events (and evidence) that IATI cannot express, by type. */
  readonly notExpressible = new Map<EventType | 'evidence-without-url' | 'relation', number>()
  readonly #parties: ReadonlyMap<string, Party>

  constructor(publication: Publication, title: LanguageMap, parties: readonly Party[]) {
    this.publication = publication
    this.settings = publication.settings
    this.languages = sentenceLanguages(title, publication.settings.language)
    this.#parties = new Map(parties.map((party) => [party.party, party]))
  }

  /** The name of a party in a language; without one, its id. */
  nameOf(party: string, language: string): string {
    return textIn(this.#parties.get(party)?.name ?? {}, language) || party
  }

  get omissions(): readonly Omission[] {
    return [...this.#omissions.values()]
  }

  partyOf(party: string): Party | undefined {
    return this.#parties.get(party)
  }

  /** The same is reported once, however often it is written. */
  omit(version: number | null, what: string, why: string): void {
    this.#omissions.set(JSON.stringify([version, what, why]), { version, what, why })
  }

  cannotExpress(what: EventType | 'evidence-without-url' | 'relation', times = 1): void {
    this.notExpressible.set(what, (this.notExpressible.get(what) ?? 0) + times)
  }

  /** One sentence in each of the languages. */
  sentence(make: (language: WordLanguage) => string): LanguageMap {
    return Object.fromEntries(this.languages.map((language) => [language, make(language)]))
  }

  /** States something in words. */
  state(make: (language: WordLanguage) => string): void {
    this.statements.push(this.sentence(make))
  }

  /**
   * States a recorded text after our own word for it: in our languages after that word, in all others alone, so that none is lost. A language that
   * the text does not have is left out, because the word alone would say nothing.
   */
  stateText(label: (language: WordLanguage) => string, text: LanguageMap): void {
    const own = this.languages.filter((language) => text[language] !== undefined)
    const [any = 'en'] = this.languages
    if (own.length === 0) this.statements.push({ ...text, [any]: `${label(any)}: ${textIn(text, any)}` })
    else
      this.statements.push({ ...text, ...Object.fromEntries(own.map((one) => [one, `${label(one)}: ${text[one]}`])) })
  }

  /** A recorded text after a word of ours that also says something alone, such as a date. */
  labelled(label: (language: WordLanguage) => string, text: LanguageMap): LanguageMap {
    const own = this.languages.map((language) => {
      const said = text[language]
      return [language, said === undefined ? label(language) : `${label(language)}: ${said}`] as const
    })
    return { ...text, ...Object.fromEntries(own) }
  }

  /**
   * The narratives of a text: the default language first, and without `xml:lang`. What cannot be written is left out, and reported.
   *
   * @param what the name of the text in the report
   */
  narratives(text: LanguageMap, what: string, version: number | null = null): Element[] {
    const { language: usual } = this.settings
    const written = Object.entries(text).flatMap(([tag, content]) => {
      const code = languageCodeOf(tag)
      if (code === null) this.omit(version, `${what} (${tag})`, 'The IATI list Language has no code for this language.')
      if (isUnwritable(content)) this.omit(version, `characters of ${what} (${tag})`, replaced)
      return code === null ? [] : [{ code, content }]
    })
    const first = written.filter(({ code }) => code === usual)
    const others = written.filter(({ code }) => code !== usual)
    return [
      ...first.map(({ content }) => ({ '#text': content })),
      ...others.map(({ code, content }) => ({ '@xml:lang': code, '#text': content })),
    ]
  }

  /** The same as an element that may be absent: it is, if no language of the text can be written. */
  text(text: LanguageMap, what: string, version: number | null = null): Element | undefined {
    const narrative = this.narratives(text, what, version)
    return narrative.length === 0 ? undefined : { narrative }
  }

  /** A text without a language of its own. */
  plain(content: string, what: string, version: number | null = null): Element[] {
    if (isUnwritable(content)) this.omit(version, `characters of ${what}`, replaced)
    return [{ '#text': content }]
  }
}

const replaced = 'XML cannot hold a control character of this text; U+FFFD stands in its place.'
