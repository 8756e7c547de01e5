import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const dist = fileURLToPath(new URL('../../dist', import.meta.url))

/**
 * What each of these entry points gives its users, as its built types say it, without comments: each exported name, in
 * order, and then what these are made of and is not exported itself.
 */
export function publicSurfaces(entries: string[]): string[] {
  const paths = entries.map((types) => join(dist, '..', types))
  const options = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
  }
  const program = ts.createProgram(paths, options)
  return paths.map((path) => publicSurface(program, path))
}

function publicSurface(program: ts.Program, path: string): string {
  const checker = program.getTypeChecker()
  const printer = ts.createPrinter({ removeComments: true })
  const original = (symbol: ts.Symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  const ownDeclarations = (symbol: ts.Symbol) =>
    (original(symbol).declarations ?? []).filter((one) => one.getSourceFile().fileName.startsWith(dist))

  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(path)!)!)
  const seen = new Set(exported.map(original))
  const made: ts.Symbol[] = []
  const textOf = (symbol: ts.Symbol) =>
    ownDeclarations(symbol)
      .map((declaration) => {
        const whole = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration
        noteWhatItIsMadeOf(whole)
        return printer.printNode(ts.EmitHint.Unspecified, whole, whole.getSourceFile())
      })
      .join('\n')
      .replace(/^export (default )?(declare )?/gm, '')
  function noteWhatItIsMadeOf(node: ts.Node): void {
    if (ts.isIdentifier(node)) {
      const symbol = checker.getSymbolAtLocation(node)
      const found = symbol && original(symbol)
      const isOfAModule = found?.declarations?.some(
        ({ parent }) => ts.isSourceFile(parent) || ts.isVariableStatement(parent.parent),
      )
      if (found && isOfAModule && !seen.has(found) && ownDeclarations(found).length > 0) {
        seen.add(found)
        made.push(found)
      }
    }
    node.forEachChild(noteWhatItIsMadeOf)
  }

  const names = exported.map((symbol) => [symbol.name, textOf(symbol)] as const).sort(([a], [b]) => (a < b ? -1 : 1))
  const parts = names.map(([name, text]) => (new RegExp(`\\b${name}\\b`).test(text) ? text : `${name}: ${text}`))
  const rest: string[] = []
  for (const symbol of made) rest.push(textOf(symbol))
  return [...parts, '// Not exported:', ...rest].join('\n')
}
