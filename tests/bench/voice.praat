# What Praat says of every .wav in a folder (settings: facts/audio.md 4.2), one .praat.txt beside each:
#   P TIME HZ          pitch of pass 1, 0 = unvoiced, one line per frame
#   Q TIME HZ          the same of pass 2, with the time step of pass 1
#   F F1 F2 F3 F4      formants of the frames that pass 2 calls voiced, 0 = none
#   H DB               harmonicity of the frames where it is defined
#   J LOCAL, S LOCAL   jitter and shimmer of the whole recording, left out where undefined
form Folder
  sentence folder
endform
list = Create Strings as file list: "list", folder$ + "/*.wav"
n = Get number of strings
for file to n
  selectObject: list
  name$ = Get string: file
  sound = Read from file: folder$ + "/" + name$
  out$ = folder$ + "/" + (name$ - ".wav") + ".praat.txt"
  deleteFile: out$
  text$ = ""
  selectObject: sound
  first = To Pitch (ac): 0.01, 60, 15, "no", 0.03, 0.45, 0.01, 0.35, 0.14, 600
  frames = Get number of frames
  for i to frames
    t = Get time from frame number: i
    hz = Get value in frame: i, "Hertz"
    if hz = undefined
      hz = 0
    endif
    text$ = text$ + "P " + fixed$ (t, 6) + " " + fixed$ (hz, 4) + newline$
  endfor
  low = Get quantile: 0, 0, 0.25, "Hertz"
  high = Get quantile: 0, 0, 0.75, "Hertz"
  if low = undefined
    low = 100
    high = 200
  endif
  floor = max (50, 0.75 * low)
  ceiling = min (700, 2 * high)
  selectObject: sound
  fine = To Pitch (ac): 0.01, floor, 15, "no", 0.03, 0.45, 0.01, 0.35, 0.14, ceiling
  frames = Get number of frames
  for i to frames
    t = Get time from frame number: i
    hz = Get value in frame: i, "Hertz"
    if hz = undefined
      hz = 0
    endif
    text$ = text$ + "Q " + fixed$ (t, 6) + " " + fixed$ (hz, 4) + newline$
  endfor
  selectObject: sound
  second = To Pitch (ac): 0, floor, 15, "no", 0.03, 0.45, 0.01, 0.35, 0.14, ceiling
  selectObject: sound
  formant = To Formant (burg): 0.01, 5, 5500, 0.025, 50
  frames = Get number of frames
  for i to frames
    selectObject: formant
    t = Get time from frame number: i
    selectObject: second
    hz = Get value at time: t, "Hertz", "linear"
    if hz <> undefined
      selectObject: formant
      text$ = text$ + "F"
      for k to 4
        f = Get value at time: k, t, "hertz", "linear"
        if f = undefined
          f = 0
        endif
        text$ = text$ + " " + fixed$ (f, 2)
      endfor
      text$ = text$ + newline$
    endif
  endfor
  selectObject: sound
  harmonicity = noprogress To Harmonicity (cc): 0.01, floor, 0.1, 1
  frames = Get number of frames
  for i to frames
    v = Get value in frame: i
    if v <> undefined
      if v > -150
        text$ = text$ + "H " + fixed$ (v, 4) + newline$
      endif
    endif
  endfor
  selectObject: sound, second
  pulses = To PointProcess (cc)
  jitter = Get jitter (local): 0, 0, 0.0001, 0.02, 1.3
  selectObject: sound, pulses
  shimmer = Get shimmer (local): 0, 0, 0.0001, 0.02, 1.3, 1.6
  if jitter <> undefined
    text$ = text$ + "J " + fixed$ (jitter, 6) + newline$
  endif
  if shimmer <> undefined
    text$ = text$ + "S " + fixed$ (shimmer, 6) + newline$
  endif
  writeFile: out$, text$
  removeObject: sound, first, fine, second, formant, harmonicity, pulses
endfor
