/** Asks for a key or an access token. It is never shown, and in no address. */
import type { ComponentChildren } from 'preact'

interface KeyFormProps {
  /** The name of its field. */
  readonly name: string
  readonly words: { readonly why: string; readonly label: string; readonly use: string }
  readonly give: (key: string) => void
  /** Above everything else, such as a heading. */
  readonly children?: ComponentChildren
}

export function KeyForm({ name, words, give, children }: KeyFormProps) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const given = new FormData(event.currentTarget as HTMLFormElement).get(name)
    if (typeof given === 'string' && given.trim() !== '') give(given.trim())
  }
  return (
    <form class="panel no-print" onSubmit={submit}>
      {children}
      <p>{words.why}</p>
      <p>
        <label>
          {words.label} <input name={name} type="password" autocomplete="off" required />
        </label>{' '}
        <button type="submit">{words.use}</button>
      </p>
    </form>
  )
}
