/** The top of every page: navigation, search, language and colours. */
import { useEffect, useRef } from 'preact/hooks'
import { chooseTheme, type Theme, theme } from '../reader/theme.ts'
import { chooseLanguage, language, say } from '../texts/reader.ts'
import { go, hereWith, hrefOf, place, query, replace } from '../url/location.ts'
import { filtersOf } from '../url/moment.ts'
import { languages } from '../url/query.ts'
import { LiveState } from './live.tsx'

const pages = ['overview', 'proposals', 'activity', 'ledger'] as const

export function Header() {
  const words = say.value
  const here = place.value.page.name
  return (
    <header class="header">
      <a class="skip" href="#content">
        {words.skip}
      </a>
      <a class="brand" href={hrefOf({ name: 'overview' })}>
        {words.product}
      </a>
      <nav aria-label={words.navigation}>
        {pages.map((name) => {
          const current = here === name || (name === 'proposals' && here === 'proposal')
          return (
            <a key={name} href={hrefOf({ name })} aria-current={current ? 'page' : undefined}>
              {words.pages[name]}
            </a>
          )
        })}
      </nav>
      <Search />
      <LanguageSwitch />
      <ThemeSwitch />
      <LiveState />
    </header>
  )
}

/** Searches all proposals; on the list, only those that it shows. */
function Search() {
  const field = useRef<HTMLInputElement>(null)
  const words = say.value.search
  useEffect(() => {
    const toSearch = (event: KeyboardEvent) => {
      const typing = (event.target as Element | null)?.closest('input, select, textarea')
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      field.current?.focus()
    }
    addEventListener('keydown', toSearch)
    return () => removeEventListener('keydown', toSearch)
  }, [])
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const q = field.current?.value.trim() || undefined
    const onList = place.value.page.name === 'proposals'
    const kept = onList ? place.value.query : filtersOf({})
    const next = Object.fromEntries(Object.entries({ ...kept, q }).filter(([, value]) => value !== undefined))
    go(hrefOf({ name: 'proposals' }, next))
  }
  return (
    <search>
      <form class="search" onSubmit={submit}>
        <input
          ref={field}
          type="search"
          name="q"
          key={query.value.q ?? ''}
          defaultValue={query.value.q ?? ''}
          maxLength={200}
          aria-label={words.label}
          placeholder={words.label}
        />
        <kbd aria-hidden="true">/</kbd>
        <button type="submit" class="spoken">
          {words.go}
        </button>
      </form>
    </search>
  )
}

const names = { en: 'English', vi: 'Tiếng Việt', ko: '한국어' } as const

function LanguageSwitch() {
  return (
    <fieldset class="languages">
      <legend class="spoken">{say.value.language}</legend>
      {languages.map((name) => (
        <button
          key={name}
          type="button"
          lang={name}
          title={names[name]}
          aria-pressed={language.value === name}
          onClick={() => {
            void chooseLanguage(name)
            // A language in the URL would override the choice at the next reload.
            if (query.value.lang !== undefined) replace(hereWith({ lang: name }))
          }}
        >
          {name.toUpperCase()}
          <span class="spoken"> {names[name]}</span>
        </button>
      ))}
    </fieldset>
  )
}

const themes: readonly Theme[] = ['device', 'light', 'dark']

function ThemeSwitch() {
  const words = say.value.themes
  return (
    <label class="theme">
      <span aria-hidden="true">◐</span>
      <span class="spoken">{words.label}</span>
      <select
        value={theme.value}
        onChange={({ currentTarget }) => {
          chooseTheme(currentTarget.value as Theme)
          if (query.value.theme !== undefined) replace(hereWith({ theme: undefined }))
        }}
      >
        {themes.map((name) => (
          <option key={name} value={name}>
            {words[name]}
          </option>
        ))}
      </select>
    </label>
  )
}
