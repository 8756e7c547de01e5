' Tells adminjs-sessions what Gene6 FTP Server's clients do, and kicks whom it asks for.
'
' Copy it to the folder Scripts of Gene6 FTP Server, set the two paths below, make the folder KICKS, and enable the script
' under Customize > Scripts. Both must be writable for the service of Gene6 and for the back office, and for nobody else:
' whoever can write there can have anybody kicked. See gene6.md.
'
' Events: http://www.g6ftpserver.com/manuals/en/scripts.html

Option Explicit

' A line for each event is added to this file; at 16 MB it becomes gene6.jsonl.1 and begins anew.
Const SPOOL = "C:\ProgramData\adminjs-sessions\gene6.jsonl"
' Each file *.kick in this folder names one client: "domain":"...","ip":"...","login":"..."
Const KICKS = "C:\ProgramData\adminjs-sessions\kicks"

Sub OnDomainStarted()
  Tell "OnDomainStarted", """domain"":""" & Escaped(Domain.Name) & """"
End Sub

Sub OnClientConnected()
  Tell "OnClientConnected", Who()
End Sub

' Whoever logs on or leaves is no longer the one who was to be kicked, or not the only one of that name.
Sub OnClientLoggedIn()
  Dim ignored
  ignored = TakeKick(Who())
  Tell "OnClientLoggedIn", Who()
End Sub

Sub OnClientDisconnected()
  Dim ignored
  ignored = TakeKick(Who())
  Tell "OnClientDisconnected", Who()
End Sub

Sub OnDirListed()
  Did "OnDirListed"
End Sub

Sub OnDirCreated()
  Did "OnDirCreated"
End Sub

Sub OnDirDeleted()
  Did "OnDirDeleted"
End Sub

Sub OnFileDownloaded()
  Did "OnFileDownloaded"
End Sub

Sub OnFileUploaded()
  Did "OnFileUploaded"
End Sub

Sub OnFileDeleted()
  Did "OnFileDeleted"
End Sub

Sub OnFileRenamed()
  Did "OnFileRenamed"
End Sub

Sub OnScriptError(message)
  Domain.WriteLog "gene6-sessions.vbs: " & message
End Sub

Sub Did(what)
  Tell what, Who()
  If TakeKick(Who()) Then Client.Kick
End Sub

Function Who()
  Who = """domain"":""" & Escaped(Domain.Name) & """,""ip"":""" & Escaped(Client.PeerIP) & _
    """,""login"":""" & Escaped(Client.Username) & """"
End Function

' What is not plain ASCII becomes \uXXXX, so that no encoding matters and no name can end a text or a line.
Function Escaped(text)
  Dim i, character, code
  For i = 1 To Len(text)
    character = Mid(text, i, 1)
    code = AscW(character) And &HFFFF&
    If code < 32 Or code > 126 Or code = 34 Or code = 92 Then
      Escaped = Escaped & "\u" & LCase(Right("000" & Hex(code), 4))
    Else
      Escaped = Escaped & character
    End If
  Next
End Function

Function TwoDigits(number)
  TwoDigits = Right("0" & number, 2)
End Function

Sub Tell(what, who)
  Dim moment, files, spoolFile, attempt
  moment = Now
  On Error Resume Next
  Set files = CreateObject("Scripting.FileSystemObject")
  If files.FileExists(SPOOL) Then
    If files.GetFile(SPOOL).Size > 16000000 Then
      files.DeleteFile SPOOL & ".1"
      files.MoveFile SPOOL, SPOOL & ".1"
    End If
  End If
  ' Another client's event may be writing just now.
  For attempt = 1 To 100
    Err.Clear
    Set spoolFile = files.OpenTextFile(SPOOL, 8, True)
    If Err.Number = 0 Then Exit For
  Next
  If Err.Number <> 0 Then
    Domain.WriteLog "gene6-sessions.vbs cannot write to " & SPOOL & ": " & Err.Description
    Exit Sub
  End If
  spoolFile.WriteLine "{""at"":""" & Year(moment) & "-" & TwoDigits(Month(moment)) & "-" & TwoDigits(Day(moment)) & " " & _
    TwoDigits(Hour(moment)) & ":" & TwoDigits(Minute(moment)) & ":" & TwoDigits(Second(moment)) & """," & _
    who & ",""event"":""" & what & """}"
  spoolFile.Close
End Sub

' Takes the wish to kick this client away, so that it counts once. True where there was one.
Function TakeKick(who)
  Dim files, kick, named
  TakeKick = False
  On Error Resume Next
  Set files = CreateObject("Scripting.FileSystemObject")
  If Not files.FolderExists(KICKS) Then Exit Function
  For Each kick In files.GetFolder(KICKS).Files
    If LCase(Right(kick.Name, 5)) = ".kick" Then
      named = ""
      named = Replace(Replace(files.OpenTextFile(kick.Path, 1).ReadAll, vbCr, ""), vbLf, "")
      If named = who Then
        Err.Clear
        files.DeleteFile kick.Path
        If Err.Number = 0 Then TakeKick = True
      End If
    End If
  Next
End Function
