import { useEffect, useState } from 'preact/hooks'

/** How wide an element is, now and whenever that changes: drawings are made for the width that they have. The first member is its `ref`. */
export function useWidth(until: number): [(element: Element | null) => void, number] {
  const [element, setElement] = useState<Element | null>(null)
  const [width, setWidth] = useState(until)
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.max(80, Math.floor(entry.contentRect.width)))
    })
    if (element !== null) observer.observe(element)
    return () => observer.disconnect()
  }, [element])
  return [setElement, width]
}
