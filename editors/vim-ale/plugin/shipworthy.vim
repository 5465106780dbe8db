" Makes Shipworthy's server known to ALE.
"
" Turn it on beside other linters:  let g:ale_linters = {'python': ['shipworthy', 'ruff']}
" Name the server:                  let g:ale_shipworthy_executable = '/path/to/shipworthy-server'

if exists('g:loaded_shipworthy_ale')
    finish
endif
let g:loaded_shipworthy_ale = 1

let g:ale_shipworthy_executable = get(g:, 'ale_shipworthy_executable', 'shipworthy-server')

function! ShipworthyProjectRoot(buffer) abort
    for l:marker in ['shipworthy.toml', 'pyproject.toml', '.git/', 'package.json']
        let l:found = ale#path#FindNearestFile(a:buffer, l:marker)
        if empty(l:found)
            let l:found = ale#path#FindNearestDirectory(a:buffer, l:marker)
        endif
        if !empty(l:found)
            return fnamemodify(substitute(l:found, '/$', '', ''), ':p:h')
        endif
    endfor
    return expand('#' . a:buffer . ':p:h')
endfunction

for s:language in ['python', 'javascript', 'javascriptreact', 'typescript', 'typescriptreact']
    call ale#linter#Define(s:language, {
    \   'name': 'shipworthy',
    \   'lsp': 'stdio',
    \   'executable': {buffer -> g:ale_shipworthy_executable},
    \   'command': '%e',
    \   'project_root': function('ShipworthyProjectRoot'),
    \})
endfor
