"""The scripts that a shell sources. They speak click's protocol, to which the type ``part`` is added.

The shell hands over the line up to the cursor; each answer is a type and a word, and in zsh and fish what it means.
"""

from __future__ import annotations

from typing import Final

VARIABLE: Final = "_SOSTRADES_COMPLETE"
_HEAD: Final = "# Completion of sostrades; made by `sostrades completion {name}`.\n"

_BASH: Final = r"""
_sostrades_completion() {
    local type value file
    COMPREPLY=()
    while IFS=, read -r type value; do
        case $type in
            plain) COMPREPLY+=("$value") ;;
            part) COMPREPLY+=("$value"); compopt -o nospace ;;
            dir) compopt -o dirnames ;;
            # Readline takes an @ for the beginning of a word, and would look for a file of that name.
            file)
                [[ $value == @* ]] || { compopt -o default; continue; }
                while IFS= read -r file; do
                    [[ -d $file ]] && { file+=/; compopt -o nospace; }
                    COMPREPLY+=("@$(printf %q "$file")")
                done < <(compgen -f -- "${value#@}")
                ;;
        esac
    done < <(COMP_WORDS="${COMP_LINE:0:COMP_POINT}" COMP_CWORD=$COMP_CWORD COMP_WORDBREAKS="$COMP_WORDBREAKS" \
        _SOSTRADES_COMPLETE=bash_complete "$1" 2>/dev/null)
}
complete -o nosort -F _sostrades_completion sostrades
"""

_ZSH: Final = r"""
_sostrades() {
    local -a answer plain part described
    local type value help any_case='m:{[:lower:][:upper:]}={[:upper:][:lower:]}'
    answer=("${(@f)$(COMP_WORDS="${(j: :)words[1,CURRENT-1]} ${QIPREFIX}${PREFIX}" COMP_CWORD=$((CURRENT - 1)) \
        _SOSTRADES_COMPLETE=zsh_complete ${(Q)words[1]} 2>/dev/null)}")
    for type value help in "${answer[@]}"; do
        case $type in
            plain) if [[ $help == _ ]]; then plain+=("$value"); else described+=("${value//:/\\:}:$help"); fi ;;
            part) part+=("$value") ;;
            dir) _path_files -/ ;;
            file) compset -P '*=(@|)'; _path_files ;;
        esac
    done
    (( $#described )) && _describe -V sostrades described
    (( $#plain )) && compadd -V sostrades -M "$any_case" -- "${plain[@]}"
    (( $#part )) && compadd -V sostrades -M "$any_case" -S '' -- "${part[@]}"
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _sostrades "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
    compdef _sostrades sostrades
fi
"""

_FISH: Final = r"""
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
"""

SCRIPTS: Final = {
    "bash": _HEAD.format(name="bash") + _BASH,
    # zsh looks for this word at the beginning of the first line.
    "zsh": "#compdef sostrades\n" + _HEAD.format(name="zsh") + _ZSH,
    "fish": _HEAD.format(name="fish") + _FISH,
}
# Their names in the folders where shells look for such scripts.
NAMES: Final = {"bash": "sostrades.bash", "zsh": "_sostrades", "fish": "sostrades.fish"}
