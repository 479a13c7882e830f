/** A slider over the points at which something changed; its last place is now. */
import { useState } from 'preact/hooks'
import { say } from '../texts/reader.ts'

interface SliderProps {
  readonly id: string
  readonly label: string
  /** How many points there are; the place after the last is now. */
  readonly count: number
  readonly index: number
  /** The moment at a place, in words. */
  readonly words: (index: number) => string
  /** Additional words, such as how many proposals there were. */
  readonly also: string
  /** The place to which PageUp and PageDown lead. */
  readonly page: (index: number, direction: 1 | -1) => number
  readonly onDrag: (index: number) => void
  readonly onChoose: (index: number) => void
}

export function Slider({ id, label, count, index, words, also, page, onDrag, onChoose }: SliderProps) {
  const { steps } = say.value.time
  // The dragged place stays under the pointer, even while the page still shows an earlier place.
  const [dragged, setDragged] = useState<number | null>(null)
  const place = dragged ?? index
  const within = (wanted: number) => Math.max(0, Math.min(count, wanted))
  const button = (glyph: string, name: string, target: number) => (
    <button
      type="button"
      class="step"
      title={name}
      aria-label={`${label}: ${name}`}
      disabled={within(target) === index}
      onClick={() => onChoose(within(target))}
    >
      {glyph}
    </button>
  )
  return (
    <>
      <label for={id}>{label}</label>
      <span class="steps back">
        {button('|◀', steps.first, 0)}
        {button('◀', steps.previous, index - 1)}
      </span>
      <output for={id} class="slider-words">
        {words(place)}
        {also === '' ? null : <small>{also}</small>}
      </output>
      <span class="steps on">
        {button('▶', steps.next, index + 1)}
        {button('▶|', steps.now, count)}
      </span>
      <input
        id={id}
        type="range"
        min={0}
        max={count}
        step={1}
        value={place}
        aria-valuetext={also === '' ? words(place) : `${words(place)}, ${also}`}
        onInput={({ currentTarget }) => {
          setDragged(Number(currentTarget.value))
          onDrag(Number(currentTarget.value))
        }}
        onChange={({ currentTarget }) => {
          setDragged(null)
          onChoose(Number(currentTarget.value))
        }}
        onKeyDown={(event) => {
          const direction = event.key === 'PageUp' ? 1 : event.key === 'PageDown' ? -1 : null
          if (direction === null) return
          event.preventDefault()
          const target = within(page(index, direction))
          // Before the points are known, every place is the same one.
          if (target !== index) onChoose(target)
        }}
      />
    </>
  )
}
