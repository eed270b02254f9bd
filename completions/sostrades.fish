# Completion of sostrades; made by `sostrades completion fish`.

function _sostrades_completion
    for answer in (COMP_WORDS=(commandline -cp | string collect) COMP_CWORD=(commandline -ct) \
            _SOSTRADES_COMPLETE=fish_complete sostrades 2>/dev/null)
        set -l item (string split -m 1 , -- $answer)
        set -l lead (string match -r -- '^.*=@?(?=[^=@]*$)' (commandline -ct))
        switch $item[1]
            case dir
                __fish_complete_directories "$item[2]" ''
            case file
                printf '%s\n' $lead(__fish_complete_path "$item[2]" '')
            case '*'
                echo $item[2]
        end
    end
end
complete --no-files --keep-order --command sostrades --arguments '(_sostrades_completion)'
