import { Box, Icon } from '@adminjs/design-system'
import type { RecordJSON } from 'adminjs'
import React from 'react'
import { Cell, type CellProps, OutsideText, SecondLine } from '../shared/cell.js'
import { Chip } from '../shared/chip.js'
import { Linked } from '../shared/linked.js'
import { everythingUrl } from '../shared/urls.js'
import { useTexts } from '../shared/use-texts.js'
import { quiet } from '../shared/dim.js'

/** Whose session it is, and under it, unless `bare`, the type of the account. */
export const Login: React.FC<{
  record: RecordJSON
  resourceId: string
  whole?: boolean
  bare?: boolean
  /** To the page of everything that its person has open. */
  linked?: boolean
}> = ({ record: { params }, resourceId, whole = false, bare = false, linked = false }) => {
  const { say, word } = useTexts(resourceId)
  const icon = icons[params.type]
  return (
    <>
      <Box as="div" flex alignItems="center" style={{ gap: 8, fontWeight: 500 }}>
        {params.login ? (
          <Linked to={linked && params.person ? everythingUrl(resourceId, 'person', String(params.person)) : null}>
            <OutsideText text={String(params.login)} whole={whole} />
          </Linked>
        ) : (
          <em style={{ opacity: quiet }}>{say('noLogin')}</em>
        )}
        {params.own ? (
          <Chip variant="primary" title={say('ownSession')}>
            {say('own')}
          </Chip>
        ) : null}
      </Box>
      {params.type && !bare ? (
        <SecondLine>
          {icon ? <Icon icon={icon} size={12} mr="sm" /> : null}
          {word('type', String(params.type))}
        </SecondLine>
      ) : null}
    </>
  )
}

/** Each type by a picture as well as by its word. */
const icons: Record<string, string> = {
  administrator: 'Shield',
  'reseller-or-customer': 'Briefcase',
  'mailbox-owner': 'Mail',
  'domain-user': 'Globe',
  'subdomain-user': 'GitBranch',
  'web-user': 'User',
  anonymous: 'Users',
  'not-registered': 'AlertTriangle',
}

const LoginCell: React.FC<CellProps> = (props) => {
  const alone = props.where === 'show'
  return (
    <Cell {...props}>
      {props.record ? (
        <Login record={props.record} resourceId={props.resource.id} whole={alone} bare={alone} linked />
      ) : null}
    </Cell>
  )
}

export default LoginCell
