import type { Page } from 'playwright-core'
import { darkStyles, darkTheme } from '../../examples/back-office/dark-theme.mjs'

interface Palette {
  theme: Record<string, Record<string, string>>
  styles: string
}

/** What AdminJS calls dark: `dark` of @adminjs/themes 1.0.1, its overrides and of its styles what is not another's. */
const dark: Palette = {
  theme: {
    colors: {
      ...{ primary100: '#256BEE', bg: '#151419', border: '#39383d', text: '#fff', container: '#1A1A1E' },
      ...{ sidebar: '#0C0B10', grey100: '#CDCBD4', grey60: '#8C8B90', grey40: '#151419', filterBg: '#1A1A1E' },
      ...{ inputBorder: 'rgba(145, 158, 171, 0.32)', errorLight: '#C20012', successLight: '#007D7F' },
      ...{ warningLight: '#A14F17', infoLight: '#3040D6' },
    },
    borders: { default: '1px solid #232228', input: '1px solid #232228' },
  },
  styles: ':root { color-scheme: dark } body { background: #0c0b10 } h1, h2, h3, h4, h5, h6, label { color: #fff }',
}

/** The palettes that pages are seen in; `light` is AdminJS's own. */
export const palettes: Record<string, Palette | null> = {
  light: null,
  dark,
  'the dark of the example': { theme: darkTheme, styles: darkStyles },
}

const chosen = 'test.palette'

/** Has a page wear whatever palette `wear` chooses, from when it is loaded next. */
export async function withPalettes(page: Page): Promise<void> {
  await page.addInitScript(
    ([all, kept]) => {
      const palette = all[localStorage.getItem(kept) ?? '']
      if (!palette) return
      let theme: Palette['theme']
      Object.defineProperty(window, 'THEME', {
        get: () => theme,
        set(given: Palette['theme']) {
          theme = { ...given }
          for (const [part, over] of Object.entries(palette.theme)) theme[part] = { ...given[part], ...over }
        },
      })
      document.addEventListener('DOMContentLoaded', () => {
        const style = document.createElement('style')
        style.textContent = palette.styles
        document.head.append(style)
      })
    },
    [palettes, chosen] as const,
  )
}

export async function wear(page: Page, palette: string): Promise<void> {
  await page.evaluate(([kept, name]) => localStorage.setItem(kept, name), [chosen, palette] as const)
  await page.reload()
}
