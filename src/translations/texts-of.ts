import type { en } from './languages/en.js'

type English = typeof en

/**
 * What a language says: all that English says, each once, with the plurals that this language has. `Plural` names those
 * of `Intl.PluralRules` that i18next asks it for, as suffixes.
 */
export type Language<Plural extends Intl.LDMLPluralRule> = In<English, Plural>

type In<Texts, Plural extends string> = {
  [
    Key in keyof Texts as Key extends `${infer Said}_other`
      ? `${Said}_${Plural}`
      : Key extends `${string}_one`
        ? never
        : Key
  ]: Texts[Key] extends string ? string : In<Texts[Key], Plural>
}

export type ResourceTexts = ReturnType<typeof textsOf>

/** What AdminJS is told of each resource, as its option `translations` has it, from what a language says. */
export function textsOf({ words, fields, lists, titles, ...says }: Language<'other'>) {
  const { live, keepingOut, csv, said } = says
  const { buttons } = says.everyPage
  // Any page may be refused before an action is asked (components/shared/http.ts).
  const everyPage = { messages: { ...says.everyPage.messages, said: { notExpress: said.notExpress } } }
  const { type, kind, outcome, protocol } = words
  const common = { type, kind, outcome }
  const session = { ...fields.any, lastActiveAt: fields.idle }
  const ended = { ...fields.any, lastActiveAt: fields.lastActiveAt, kind: fields.kind }
  const onLivePages = {
    actions: live.actions,
    buttons: {
      ...buttons,
      ...live.buttons,
      keepOut: keepingOut.button,
      chip: { ...live.buttons.chip, uploading: words.status.uploading, downloading: words.status.downloading },
    },
    messages: { ...keepingOut.messages, ...everyPage.messages, ...live.messages },
    labels: { ...common, keepOut: keepingOut.by },
  }
  return {
    PanelSession: {
      ...onLivePages,
      actions: { ...onLivePages.actions, list: titles.panel },
      messages: { ...onLivePages.messages, ...says.panel },
      labels: { ...onLivePages.labels, PanelSession: lists.panel },
      properties: { ...session, ...fields.panel },
    },
    FtpSession: {
      ...onLivePages,
      actions: { ...onLivePages.actions, list: titles.ftp },
      messages: { ...onLivePages.messages, ...says.ftp },
      labels: {
        ...onLivePages.labels,
        FtpSession: lists.ftp,
        status: words.status,
        condition: words.condition,
        protocol,
      },
      properties: { ...session, ...fields.ftp },
    },
    SessionRemoval: {
      actions: { list: lists.removals, show: titles.removal, csv: csv.action },
      buttons,
      messages: {
        ...everyPage.messages,
        ...csv.messages,
        ...says.removals,
        // Once: all texts of all resources are in each page.
        said,
        untilReleased: keepingOut.messages.untilReleased,
      },
      labels: {
        ...common,
        SessionRemoval: lists.removals,
        keepOutBy: { login: fields.any.login, ip: fields.any.ip },
        removedVia: words.removedVia,
        // Of the session as it was.
        status: words.status,
        condition: words.condition,
        protocol,
      },
      properties: { ...fields.panel, ...fields.ftp, ...ended, ...fields.removal },
    },
    SessionHistory: {
      actions: { list: lists.history, show: titles.ended, csv: csv.action },
      buttons,
      messages: { ...everyPage.messages, ...csv.messages, ...says.history, atLeast: live.messages.atLeast },
      labels: { ...common, SessionHistory: lists.history, how: words.how, protocol },
      properties: {
        ...ended,
        ...fields.history,
        logonIp: fields.panel.logonIp,
        userAgent: fields.panel.userAgent,
        domain: fields.ftp.domain,
        protocol: fields.ftp.protocol,
      },
    },
    SessionSourceStatus: {
      actions: { list: lists.sources, show: titles.source },
      buttons,
      messages: { ...everyPage.messages, ...says.sources },
      labels: { ...common, SessionSourceStatus: lists.sources, evidence: words.evidence, state: words.state },
      properties: { id: fields.any.id, host: fields.any.host, kind: fields.kind, ...fields.source },
    },
    SessionHold: {
      actions: { list: lists.keptOut, show: lists.keptOut, delete: buttons.release, keepOut: titles.keepOut },
      buttons: { ...buttons, keepOut: keepingOut.button, extend: keepingOut.longer },
      messages: { ...everyPage.messages, ...keepingOut.messages, ...says.keptOut },
      labels: {
        ...common,
        SessionHold: lists.keptOut,
        by: { session: titles.session, login: fields.any.login, ip: fields.any.ip },
      },
      properties: { id: fields.any.id, host: fields.any.host, source: fields.any.source, ...fields.keptOut },
    },
  }
}
