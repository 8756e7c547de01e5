import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { inline, visible } from '../../src/text/printable.js'

describe('text from outside', () => {
  test.each([
    ['plain name.txt', 'plain name.txt'],
    ['', ''],
    ['müßig 文件 ملف 👩‍💻', 'müßig 文件 ملف 👩‍💻'],
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['a\0b', 'a␀b'],
    ['line\r\nbreak\ttab', 'line␍␊break␉tab'],
    ['\u001b[31mred\u007f', '␛[31mred␡'],
    ['\u0085\u009b', '⟨U+0085⟩⟨U+009B⟩'],
    ['invoice\u202Efdp.exe', 'invoice⟨U+202E⟩fdp.exe'],
    ['\u2066a\u2069\u200f\u061c', '⟨U+2066⟩a⟨U+2069⟩⟨U+200F⟩⟨U+061C⟩'],
    ['ro\u200bot\u00ad\ufeff', 'ro⟨U+200B⟩ot⟨U+00AD⟩⟨U+FEFF⟩'],
    ['\u{E0041}\u{1F600}', '⟨U+E0041⟩\u{1F600}'],
    ['\ud800x', '⟨U+D800⟩x'],
  ])('%j is shown as %j', (text, shown) => {
    expect(visible(text)).toBe(shown)
  })

  test('whatever comes in, nothing unseen and no turn of direction comes out', () => {
    const anything = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(anything, (text) => {
        expect(visible(text)).not.toMatch(/[\p{Cc}\p{Surrogate}\p{Bidi_Control}]/u)
      }),
    )
  })

  test('what is visible already stays as it is', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => visible(visible(text)) === visible(text)))
  })
})

describe('in a sentence', () => {
  test('right-to-left letters are isolated, and cannot end their isolation', () => {
    expect(inline('דומיין\u2069.example')).toBe('\u2068דומיין⟨U+2069⟩.example\u2069')
  })

  test('other text is left as it is', () => {
    expect(inline('shop.example.com')).toBe('shop.example.com')
  })
})
