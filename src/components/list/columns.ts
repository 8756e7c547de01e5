import type { BasePropertyJSON, ResourceJSON } from 'adminjs'
import { useState } from 'react'
import type { SourceAnswer } from '../../actions/page-answers.js'
import { keepChoice, keptChoice } from '../shared/kept-choice.js'

export interface Columns {
  shown: BasePropertyJSON[]
  /** All that there could be, but the title, which is always there. */
  offered: BasePropertyJSON[]
  isShown(path: string): boolean
  toggle(path: string): void
  /** As the package has them; null where they are so. */
  reset: (() => void) | null
}

/** Fields that are no column: nobody reads them in a list. */
const never = new Set(['id', 'key', 'session', 'batch'])

/**
 * The columns of a resource's list, as this browser's user has chosen them; else the usual ones, and the host where rows of
 * several are among each other.
 */
export function useColumns({ id, listProperties, showProperties }: ResourceJSON, severalHosts = false): Columns {
  const name = `columns.${id}`
  const [chosen, setChosen] = useState(() => keptChoice(name, isPaths))
  const all = [
    ...listProperties,
    ...showProperties.filter(({ propertyPath: path }) => !listProperties.some((one) => one.propertyPath === path)),
  ].filter(({ propertyPath }) => !never.has(propertyPath))
  const usual = [...listProperties.map(({ propertyPath }) => propertyPath), ...(severalHosts ? ['host'] : [])]
  const paths = new Set(chosen ?? usual)
  const isShown = (path: string) => paths.has(path)
  const choose = (next: string[] | null) => {
    keepChoice(name, next)
    setChosen(next)
  }
  return {
    shown: all.filter(({ isTitle, propertyPath }) => isTitle || isShown(propertyPath)),
    offered: all.filter(({ isTitle }) => !isTitle),
    isShown,
    toggle: (path) => choose(isShown(path) ? [...paths].filter((one) => one !== path) : [...paths, path]),
    reset: chosen === null ? null : () => choose(null),
  }
}

/** Whether these sources are on more than one host. */
export function onSeveralHosts(sources: readonly Pick<SourceAnswer, 'host'>[] = []): boolean {
  return new Set(sources.map(({ host }) => host)).size > 1
}

function isPaths(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((path) => typeof path === 'string')
}
